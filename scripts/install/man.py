#!/usr/bin/env python3
"""Makes a manual page, in man(7), out of what a program says about itself.

   man.py PAGE VERSION PROGRAM

PAGE is a name of the table below; the program's --help (of its commands, too) and mcxd --settings are made from its tables, so
that a page says what the program does. Its date is that of SOURCE_DATE_EPOCH, which packagers set, or else today.
"""
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field

PAGES = {
    'mcxd.8': ('lab replacement for a Lync 2010 front end with its mobility service', 'mcxd.conf(5), mcxctl(1), mcxsim(1)'),
    'mcxctl.1': ('look inside a running mcxd and change it', 'mcxd(8), mcxsim(1)'),
    'mcxsim.1': ('simulated clients for mcxd', 'mcxd(8), mcxctl(1)'),
    'mcxd.conf.5': ('settings of mcxd', 'mcxd(8)'),
}

# What --help does not say.
SIGNALS = [
    ('SIGTERM, SIGINT', 'Conversations end, callers who wait get 503, and after three seconds at most mcxd exits with 0. A second '
                        'signal ends it at once.'),
    ('SIGHUP', 'Users, certificates and those settings that can change while mcxd runs are read again.'),
]
ENVIRONMENT = [
    ('NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID', 'Set by a service manager, as in sd_notify(3): it is told when mcxd is ready, '
                                                   'reloads and stops, and that its event loop goes on.'),
    ('SSLKEYLOGFILE', 'File for the secrets of TLS sessions, for a packet analyser.'),
]
FILES = [
    ('~/.local/state/mcxd', 'State directory, unless state.directory says otherwise: the database, certificates and the '
                            'socket of the lab API.'),
]
FORMAT = [
    'The file that mcxd -c reads has sections, "[section]", with lines "key = value". A line that begins with ; or # is a comment. A '
    'value may stand in double quotes, in which \\" and \\\\ are a quote and a backslash. Durations take ms, s, m, h and d; sizes '
    'take k, M and G. mcxd --set section.key=value sets one on the command line, mcxd --check says whether all are sound, and mcxd --dump '
    'prints those in use as such a file.',
]


@dataclass
class Row:
    term: str
    text: list = field(default_factory=list)


@dataclass
class Section:
    title: str
    parts: list = field(default_factory=list)  # rows, and paragraphs as strings


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=60).stdout.decode()


def read_line(section, line, fresh):
    """A row is indented by two, and what it means by more, behind it or below."""
    indent = len(line) - len(line.lstrip())
    last = section.parts[-1] if section.parts else None
    if indent == 2:
        term, *text = re.split(r' {2,}', line.strip(), maxsplit=1)
        section.parts.append(Row(term, text))
    elif indent > 2 and isinstance(last, Row):
        last.text.append(line.strip())
    elif indent == 0 and isinstance(last, str) and not fresh:
        section.parts[-1] = f'{last} {line}'
    else:
        section.parts.append(line.strip())


def parse(text):
    """The usage lines, and sections; what has no title stands in one that is called ''."""
    lines = text.splitlines()
    usage = [re.sub(r'^usage: ', '', lines.pop(0))]
    while lines and lines[0].startswith(' '):
        usage.append(lines.pop(0).strip())
    sections = [Section('')]
    fresh = True
    for line in lines:
        title = re.fullmatch(r'(\S[^.]*):', line)
        if title and fresh:
            sections.append(Section(title[1]))
        elif line.strip():
            if fresh and not line.startswith(' ') and sections[-1].title:
                sections.append(Section(''))
            if line.startswith('  -') and not sections[-1].title:
                sections.append(Section('Options'))
            read_line(sections[-1], line, fresh)
        fresh = not line.strip()
    return usage, [s for s in sections if s.parts]


def escape(text):
    text = text.replace('\\', '\\e').replace('-', '\\-').replace("'", '\\(aq').replace('~', '\\(ti')
    text = text.replace('^', '\\(ha').replace('`', '\\(ga')
    return '\\&' + text if text.startswith(('.', '\\(aq')) else text


def typeset(words):
    """Words to type are bold, and those in capitals, which stand for others, italic."""
    pieces = re.split(r'([A-Z]+(?![a-z])|-*[A-Za-z0-9][A-Za-z0-9.-]*)', words)
    fonts = ['I' if piece.isupper() else 'B' for piece in pieces]
    return ''.join(f'\\f{font}{escape(piece)}\\fR' if i % 2 else escape(piece)
                   for i, (piece, font) in enumerate(zip(pieces, fonts)))


def paragraph(text):
    return ['.PP', escape(text)]


def rows(pairs):
    lines = []
    for term, text in pairs:
        lines += ['.TP', typeset(term), escape(text) if text else '\\&']
    return lines


def body(parts):
    lines = []
    for part in parts:
        if isinstance(part, str):
            lines += paragraph(part)
        elif part.term.startswith('mcx'):  # of a program's commands, what to type
            lines += ['.TP', f'\\fB{escape(part.term)}\\fR', escape(' '.join(part.text)) or '\\&']
        else:
            lines += rows([(part.term, ' '.join(part.text))])
    return lines


def usage_lines(usage):
    lines = []
    for use in usage:
        lines += ['.br'] if lines else []
        lines.append(typeset(use))
    return lines


def heading(title):
    return {'Options': 'OPTIONS', 'Commands': 'COMMANDS', 'Events': 'EVENTS'}.get(title, title.upper())


def command_names(sections):
    """The commands that a --help lists: the first words of its rows that are no options."""
    names = []
    for section in sections:
        for part in section.parts:
            name = part.term.split()[0] if isinstance(part, Row) else '-'
            if section.title in ('', 'Commands') and re.fullmatch(r'[a-z][a-z-]*', name):
                names.append(name)
    return names


def key(row):
    return (row.term, *row.text)


def rows_of(sections):
    return [part for section in sections for part in section.parts if isinstance(part, Row)]


def command_pages(program, names, sections):
    helps = {name: parse(output(program, name, '--help')) for name in names}
    known = {key(row) for row in rows_of(sections)}
    everywhere = set.intersection(*({key(row) for row in rows_of(s)} for _, s in helps.values())) if helps else set()
    return [line for name, (usage, s) in helps.items() for line in command_page(usage, s, name, known, everywhere)]


def command_page(usage, sections, name, known, everywhere):
    """A command of its own: what its help says and the page has not said yet."""
    taken = [row.term for row in rows_of(sections) if key(row) in known - everywhere and row.term.startswith('-')]
    lines = [f'.SS {escape(name)}', *usage_lines(usage)]
    if taken:
        lines += ['.PP', 'Takes ' + ', '.join(typeset(term) for term in taken) + '.']
    for section in sections:
        parts = [p for p in section.parts if not isinstance(p, Row) or key(p) not in known]
        known |= {key(p) for p in parts if isinstance(p, Row)}
        if parts and section.title:
            lines += ['.PP', f'\\fI{escape(section.title)}\\fR']
        lines += body(parts)
    return lines


def program_page(name, program):
    usage, sections = parse(output(program, '--help'))
    names = command_names(sections) if name != 'mcxd' else []
    lines = ['.SH SYNOPSIS', *usage_lines(usage)]
    pages = command_pages(program, names, sections)
    if not sections[0].title:
        lines.append('.SH DESCRIPTION')
    for section in sections:
        if section.title:
            lines.append(f'.SH {escape(heading(section.title))}')
        lines += body(section.parts)
    if pages:
        lines += ['.SH "EACH COMMAND"', *pages]
    if name == 'mcxd':
        lines += ['.SH SIGNALS', *rows(SIGNALS), '.SH ENVIRONMENT', *rows(ENVIRONMENT), '.SH FILES', *rows(FILES)]
    return lines


def settings_page(program):
    lines = ['.SH DESCRIPTION', *(line for text in FORMAT for line in paragraph(text)), '.SH SETTINGS']
    last = None
    for row in output(program, '--settings').splitlines()[2:]:
        name, default, limits, live, meaning = (c.strip().replace('\\|', '|').replace('`', '') for c in re.split(r'(?<!\\)\|', row)[1:-1])
        section, key = name.split('.', 1)
        if section != last:
            lines.append(f'.SS [{escape(section)}]')
        last = section
        facts = f'Default: {default}.' + (f' Range: {limits}.' if limits else '') + \
            (' Can change while mcxd runs.' if live else '')
        lines += ['.TP', f'\\fB{escape(key)}\\fR', escape(f'{meaning} {facts}')]
    return lines


def main():
    page, version, program = sys.argv[1:]
    name, section = page.rsplit('.', 1)
    summary, also = PAGES[page]
    date = time.strftime('%Y-%m-%d', time.gmtime(int(os.environ.get('SOURCE_DATE_EPOCH', time.time()))))
    lines = [
        f'.TH {escape(name.upper())} {section} "{date}" "mcxd {escape(version)}"',
        '.SH NAME', f'{escape(name)} \\- {escape(summary)}',
        *(settings_page(program) if page == 'mcxd.conf.5' else program_page(name, program)),
        '.SH "SEE ALSO"', escape(also),
    ]
    # What follows a heading is a paragraph without being called one.
    print('\n'.join(line for before, line in zip(['', *lines], lines)
                    if line != '.PP' or not before.startswith(('.SH', '.SS'))))


main()

#!/usr/bin/env python3
"""Makes the sample configuration out of what mcxd --dump prints, with what every setting means: every line is a comment, so that a
default that changes with an upgrade changes here, too, except for those that are given.

   sample.py MCXD [SECTION.KEY=VALUE]…
"""
import subprocess
import sys


def main():
    mcxd, *given = sys.argv[1:]
    given = dict(pair.split('=', 1) for pair in given)
    dump = subprocess.run([mcxd, '--dump'], check=True, stdout=subprocess.PIPE, timeout=60, env={}).stdout.decode()
    lines = ['# Settings of mcxd; see mcxd.conf(5). A line that begins with "#" and a name shows a default.', '']
    section = ''
    for line in dump.splitlines():
        name = line.split(' =')[0]
        if line.startswith('['):
            section = line.strip('[]')
        elif line and not line.startswith('#'):
            value = given.pop(f'{section}.{name}', None)
            line = f'#{line}' if value is None else f'{name} = {value}'
        lines.append(line)
    if given:
        sys.exit(f'sample.py: unknown settings: {", ".join(given)}')
    print('\n'.join(lines))


main()

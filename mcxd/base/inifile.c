/*
 * INI file
 *
 * Read by hand and not with inih, because what --dump prints has to come back as it was: inih has no
 * quotes, so that a value cannot end in a space, takes " ;" within a value for the beginning of a comment, and
 * cuts a line at 200 bytes.
 */
#include "mcxd/base/inifile.h"

#include "mcxd/base/idtab.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

#define MAX_FILE_BYTES (1 << 20)
#define BLANKS         " \t\r\v\f"
#define NOT_A_LINE     "neither \"[section]\" nor \"key = value\""

/* A key that the file has set. */
struct seen {
	int line;
	char *id; /* section, name and key, a line each */
};

struct reader {
	const char *file;
	int line;
	char *section, *name;
	bool refused; /* the section: its keys are skipped */
	int n_errors;
	struct strtab *seen;
	inifile_h *on_key;
	void *magic;
	struct text *errors;
};

static void complain(struct reader *r, const char *what)
{
	text_addf(r->errors, "%s:%d: %s\n", r->file, r->line, what);
	r->n_errors++;
}

/* ---- words and values ---- */

static char *trim(char *s)
{
	size_t n;

	s += strspn(s, BLANKS);
	for (n = strlen(s); n > 0 && strchr(BLANKS, s[n - 1]); n--)
		;
	s[n] = '\0';
	return s;
}

/* The next word of *rest, which goes on behind it. */
static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, BLANKS);
	char *end = word + strcspn(word, BLANKS);

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

/* Take the quotes off in place; nothing follows them, not even blanks. Returns NULL, or what is wrong. */
static const char *unquote(char *value)
{
	char *to = value, *from = value + 1;

	while (*from && *from != '"') {
		if (*from == '\\' && *++from != '"' && *from != '\\')
			return "in quotes, a backslash must be followed by \" or \\";
		*to++ = *from++;
	}
	if (!*from)
		return "the closing quote is missing";
	*to = '\0';
	return from[1] ? "unexpected text after the closing quote" : NULL;
}

void inifile_add_value(struct text *out, const char *value)
{
	size_t n = strlen(value);

	if (n == 0 || (value[0] != '"' && value[0] != ' ' && value[n - 1] != ' ')) {
		text_add(out, value);
		return;
	}
	text_add(out, "\"");
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			text_add(out, "\\");
		text_add_bytes(out, value, 1);
	}
	text_add(out, "\"");
}

/* ---- lines ---- */

static void tell(struct reader *r, const char *key, const char *value)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	const struct inifile_line line = {
		.file = r->file,
		.line = r->line,
		.section = r->section,
		.name = r->name,
		.key = key,
		.value = value,
	};

	if (r->on_key(r->magic, &line, &why) == 0)
		return;
	complain(r, text_str(&why));
	r->refused |= !key;
}

static void begin_section(struct reader *r, char *line)
{
	char *end = strchr(line, ']'), *rest = line + 1;
	const char *section, *name;

	if (!end || end[1]) {
		complain(r, NOT_A_LINE);
		return;
	}
	*end = '\0';
	section = next_word(&rest);
	name = next_word(&rest);
	mem_set_string(&r->section, section);
	mem_set_string(&r->name, name);
	r->refused = *next_word(&rest);
	if (r->refused)
		complain(r, "a section is a word, or a word and a name");
	else
		tell(r, NULL, "");
}

/* True, having complained, when the file has set this key before: in any case, as hosts have names that mean the same then, and
 * the case of other keys is fixed. */
static bool is_twice(struct reader *r, const char *key)
{
	CLEANUP(mem_free_string)
	char *id = text_concat(r->section, "\n", r->name, "\n", key);
	CLEANUP(text_deinit) struct text what = TEXT_INIT;
	struct seen *seen;

	for (char *c = id + strlen(id) - strlen(key); *c; c++)
		*c = chars_lower(*c);
	seen = strtab_get(r->seen, id);
	if (seen) {
		text_addf(&what, "%s was already set in line %d", key, seen->line);
		complain(r, text_str(&what));
		return true;
	}
	seen = MEM_NEW(struct seen);
	*seen = (struct seen){ r->line, mem_strdup(id) };
	strtab_add(r->seen, id, seen);
	return false;
}

static void read_pair(struct reader *r, char *line)
{
	char *separator = line + strcspn(line, "=:"), *value;
	const char *key, *what = NULL;

	if (separator == line || !*separator) {
		complain(r, NOT_A_LINE);
		return;
	}
	*separator = '\0';
	key = trim(line);
	value = trim(separator + 1);
	if (*value == '"')
		what = unquote(value);
	if (r->refused)
		return;
	if (what)
		complain(r, what);
	else if (!is_twice(r, key))
		tell(r, key, value);
}

static void read_line(struct reader *r, char *line)
{
	line = trim(line);
	r->line++;
	if (*line == '[')
		begin_section(r, line);
	else if (*line && *line != ';' && *line != '#')
		read_pair(r, line);
}

static void reader_deinit(struct reader *r)
{
	void *cursor = NULL;
	struct seen *seen;

	while ((seen = strtab_next(r->seen, &cursor))) {
		strtab_remove(r->seen, seen->id);
		free(seen->id);
		free(seen);
	}
	strtab_free(r->seen);
	free(r->section);
	free(r->name);
}

int inifile_parse(const char *file, const char *contents, inifile_h *on_key, void *magic,
		  struct text *errors)
{
	static const char byte_order_mark[] = "\xEF\xBB\xBF";
	CLEANUP(mem_free_string) char *copy = mem_strdup(contents);
	struct reader r = {
		.file = file,
		.section = mem_strdup(""),
		.name = mem_strdup(""),
		.seen = strtab_new(),
		.on_key = on_key,
		.magic = magic,
		.errors = errors,
	};
	char *rest = copy, *line;

	if (!strncmp(rest, byte_order_mark, strlen(byte_order_mark)))
		rest += strlen(byte_order_mark);
	while ((line = strsep(&rest, "\n")))
		read_line(&r, line);
	reader_deinit(&r);
	return r.n_errors ? -EINVAL : 0;
}

static int read_all(const char *path, struct text *ret)
{
	FILE *file = fopen(path, "re");
	char chunk[4096];
	size_t n;
	int err = 0;

	if (!file)
		return -errno;
	errno = 0;
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0 && ret->n <= MAX_FILE_BYTES)
		text_add_bytes(ret, chunk, n);
	if (ferror(file))
		err = errno ? -errno : -EIO;
	else if (ret->n > MAX_FILE_BYTES)
		err = -EFBIG;
	fclose(file);
	return err;
}

int inifile_load(const char *path, inifile_h *on_key, void *magic, struct text *errors)
{
	CLEANUP(text_deinit) struct text contents = TEXT_INIT;
	int err = read_all(path, &contents);

	if (err) {
		text_addf(errors, "%s: %s\n", path, strerror(-err));
		return err;
	}
	if (strlen(text_str(&contents)) != contents.n) {
		text_addf(errors, "%s: not a text file\n", path);
		return -EINVAL;
	}
	return inifile_parse(path, text_str(&contents), on_key, magic, errors);
}

/*
 * INI file
 */
#include "mcxd/base/inifile.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>

#define MAX_FILE_BYTES (1 << 20)
/* The library cuts longer names off without a word. */
#define MAX_NAME 49

struct reader {
	const char *file;
	const char *at; /* the rest of the contents */
	int line;
	int n_errors;
	bool refused; /* the section: its keys are nothing to complain of */
	inifile_h *on_key;
	void *magic;
	struct text *errors;
};

static void complain(struct reader *r, int line, const char *what)
{
	text_addf(r->errors, "%s:%d: %s\n", r->file, line, what);
	r->n_errors++;
}

static const char *what_is_wrong(const char *line, size_t n, int size)
{
	if (n + 2 > (size_t)size)
		return "the line is too long";
	if (*line == '[' && strcspn(line, "]\n") > MAX_NAME)
		return "the name of the section is too long";
	if (*line != ';' && *line != '#' && strcspn(line, "=:\n") > MAX_NAME && *line != '[')
		return "the key is too long";
	return NULL;
}

/* What comes up to the next blank. */
static const char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");
	char *end = word + strcspn(word, " \t");

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static void tell(struct reader *r, const char *section, const char *key, const char *value)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	CLEANUP(mem_free_string) char *words = mem_strdup(section);
	char *rest = words;
	struct inifile_line line = { .file = r->file, .line = r->line, .key = key, .value = value };
	bool refused = false;

	line.section = next_word(&rest);
	line.name = next_word(&rest);
	if (*next_word(&rest))
		text_add(&why, "the section has more than a word and a name");
	else
		refused = r->on_key(r->magic, &line, &why) != 0;
	if (why.n || refused)
		complain(r, r->line, text_str(&why));
	r->refused |= !key && (why.n || refused);
}

/* The library tells of a section only by its keys. */
static void tell_section(struct reader *r, const char *line)
{
	size_t n = strcspn(line, "]\n");
	CLEANUP(mem_free_string) char *section = NULL;

	if (*line != '[' || line[n] != ']')
		return;
	section = mem_memdup(line + 1, n - 1);
	r->refused = false;
	tell(r, section, NULL, "");
}

/* The library's fgets(). An indented line would go on with the value of the line before: it loses
 * its indentation. A line that the library would mutilate ends the reading. */
static char *read_line(char *ret, int size, void *stream)
{
	struct reader *r = stream;
	const char *what;
	size_t n, rest;

	if (!*r->at)
		return NULL;
	r->line++;
	rest = strcspn(r->at, "\n");
	while (rest > 0 && isspace((unsigned char)*r->at)) {
		r->at++;
		rest--;
	}
	n = rest;
	what = what_is_wrong(r->at, n, size);
	if (what) {
		complain(r, r->line, what);
		return NULL;
	}
	tell_section(r, r->at);
	memcpy(ret, r->at, n);
	ret[n] = '\n';
	ret[n + 1] = '\0';
	r->at += n;
	if (*r->at == '\n')
		r->at++;
	return ret;
}

static int on_pair(void *user, const char *section, const char *key, const char *value)
{
	struct reader *r = user;

	if (!r->refused)
		tell(r, section, key, value ? value : "");
	/* Every error has been told already. */
	return 1;
}

int inifile_parse(const char *file, const char *contents, inifile_h *on_key, void *magic,
		  struct text *errors)
{
	struct reader r = {
		.file = file, .at = contents, .on_key = on_key, .magic = magic, .errors = errors
	};
	int line = ini_parse_stream(read_line, &r, on_pair, &r);

	if (line > 0)
		complain(&r, line, "neither \"[section]\" nor \"key = value\"");
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

/*
 * INI file
 *
 * Sections, keys and values, with errors that name file and line. A section may carry a name, as in
 * "[user bob@lab.test]". Leading and trailing white space of a line is ignored. A line that begins with ; or #
 * is a comment; nothing else is.
 *
 * A value is the rest of its line. It may be put in double quotes to keep the white space at its ends, as in
 * display_name = " Bob ". Within them, \" is a quote and \\ a backslash; without them, both stand for
 * themselves.
 */
#pragma once

#include "proto/text/text.h"

struct inifile_line {
	const char *file;
	int line;
	const char *section; /* "user"; "" before the first section */
	const char *name;    /* "bob@lab.test"; "" if the section has none */
	const char *key;     /* NULL: the section begins */
	const char *value;   /* may be empty */
};

/** Called for every section and every key, except the keys of a section that it refused. Returns 0, or
 *  nonzero after saying in why what is wrong, without file and line. */
typedef int inifile_h(void *magic, const struct inifile_line *l, struct text *why);

/** Read a file of at most 1 MiB. Reading goes on after an error, so that one run shows all of them; a key
 *  that its section has already, in any case, is one. Returns 0, or a negative errno (-EINVAL: the contents are wrong)
 *  with a line for each error in errors: "file:line: what". */
int inifile_load(const char *path, inifile_h *on_key, void *magic, struct text *errors);

/** The same with the contents in memory; file is the name for errors. */
int inifile_parse(const char *file, const char *contents, inifile_h *on_key, void *magic,
		  struct text *errors);

/** Append a value without control characters as inifile_load() reads it back, in quotes if it needs them. */
void inifile_add_value(struct text *out, const char *value);

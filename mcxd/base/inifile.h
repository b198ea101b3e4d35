/*
 * INI file
 *
 * Sections, keys and values, with errors that name file and line. A section may carry a name, as in
 * "[user bob@lab.test]". Lines that start with ; or # are comments, and so is what follows " ;" on
 * a line. White space at the start of a line means nothing.
 */
#pragma once

#include "proto/text/text.h"

struct inifile_line {
	const char *file;
	int line;
	const char *section; /* "user"; "" before the first section */
	const char *name;    /* "bob@lab.test"; "" where the section has none */
	const char *key;     /* NULL: the section begins */
	const char *value;   /* may be empty */
};

/** Called for every section and every key, except the keys of a section that it refused. Returns 0, or
 *  nonzero having said in why what is wrong, without the place. */
typedef int inifile_h(void *magic, const struct inifile_line *l, struct text *why);

/** Read a file and go on after an error, so that one run shows all. Returns 0, or a negative errno
 *  (-EINVAL: the contents are wrong) with one line for each error in errors: "file:line: what". */
int inifile_load(const char *path, inifile_h *on_key, void *magic, struct text *errors);

/** The same with the contents in memory; file is the name for errors. */
int inifile_parse(const char *file, const char *contents, inifile_h *on_key, void *magic,
		  struct text *errors);

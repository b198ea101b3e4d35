/*
 * Settings
 *
 * A program's settings are one table: a row names the setting, says where its value lies in the
 * program's struct, what it may be, what it is by default, and what it means. Defaults, the INI file,
 * --set on the command line, the dump and the table of the README all come from it.
 */
#pragma once

#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_type {
	SETTING_STRING,  /* char *, never NULL */
	SETTING_BOOL,    /* bool; yes, no, true, false, on, off, 1, 0 */
	SETTING_INT,     /* int64_t */
	SETTING_MS,      /* int64_t, milliseconds; a number with ms, s, m, h or d behind it */
	SETTING_SECONDS, /* int64_t, whole seconds, written likewise */
	SETTING_BYTES,   /* int64_t; a number, or one with k, M or G (1024 each) behind it */
};

struct setting {
	const char *section;
	const char *key;
	enum setting_type type;
	size_t offset;    /* of the value in the program's struct */
	const char *def;  /* as one would write it; NULL is the empty string */
	int64_t min, max; /* as stored; for a string its length; both 0: anything that fits */
	const char *help; /* one sentence */
	const char *unit; /* of a duration that is written without one; NULL is "s" */
	/* For strings: what is wrong with this value, or NULL. May be NULL. */
	const char *(*check)(const char *value);
};

struct setting_table {
	const struct setting *rows;
	size_t n_rows;
};

/** Put the defaults into a zeroed struct. A default that its own row refuses ends the program: see
 *  setting_check_table(). */
void setting_defaults(const struct setting_table *t, void *object);

/** Free the strings; the struct may then be given to setting_defaults() again. */
void setting_deinit(const struct setting_table *t, void *object);

/** The row of "section.key", or NULL. */
const struct setting *setting_find(const struct setting_table *t, const char *name);

/** Set one. Returns 0, or -EINVAL with the reason in why, which names the setting, and leaves the
 * value as it was. An unknown name is answered with the nearest known one. */
int setting_set(const struct setting_table *t, void *object, const char *name, const char *value,
		struct text *why);

/** Set one as on a command line, "section.key=value". */
int setting_set_arg(const struct setting_table *t, void *object, const char *arg, struct text *why);

/** Set all that an INI file (base/inifile.h) names. Returns 0, or a negative errno with a line for
 * each error, "file:line: section.key: what". */
int setting_load(const struct setting_table *t, void *object, const char *path,
		 struct text *errors);

/** Append the value of a row as one would write it. */
void setting_add_value(const struct setting *row, const void *object, struct text *out);

/** All of them as "section.key = value  # help", a line each. */
void setting_dump(const struct setting_table *t, const void *object, struct text *out);

/** The table for people, in Markdown: Setting, Default, Meaning. */
void setting_markdown(const struct setting_table *t, struct text *out);

/** For a test: NULL, or what is wrong with the table (in a static buffer): a row twice, without
 * help, or with a default that it refuses. */
const char *setting_check_table(const struct setting_table *t);

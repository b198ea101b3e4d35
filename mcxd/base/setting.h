/*
 * Settings
 *
 * A program's settings are one table. A row names a setting and says where its value lies in the program's
 * struct, which values it takes, its default, and what it means. Defaults, the INI file, --set on the command
 * line, --dump and the README's table all come from it.
 *
 * A row can be shared: it holds for several sections, and each of those may override it with a value of its
 * own. As long as a section has not done so, its value is SETTING_UNSET, so that a dump shows what was set
 * where, and the order of the lines in a file does not matter.
 *
 * A map is the only row of its section, empty by default; the keys of the section are its names.
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
	SETTING_MS,      /* int64_t, milliseconds; a number followed by ms, s, m, h or d */
	SETTING_SECONDS, /* int64_t, whole seconds, written likewise */
	SETTING_BYTES,   /* int64_t; a number, or one followed by k, M or G (1024 each) */
	SETTING_MAP,     /* struct setting_map: the whole section, whose keys are free */
};

#define SETTING_UNSET INT64_MIN

/** A section that may override a shared row. */
struct setting_override {
	const char *section; /* NULL: the end of the list */
	size_t offset;       /* of its int64_t */
};

struct setting {
	const char *section;
	const char *key; /* of a map: what stands for its names in the table for people */
	enum setting_type type;
	bool live;        /* may change while the program runs (base/setting_change.h) */
	size_t offset;    /* of the value in the program's struct */
	const char *def;  /* as one would write it; NULL is the empty string */
	int64_t min, max; /* as stored, for a string its length; both 0: anything that fits */
	const char *help; /* one sentence */
	const char *unit; /* of a duration that is written without one; NULL is "s" */
	/* For strings and the values of a map: appends what is wrong with this value, if anything. May be NULL. */
	void (*check)(const char *value, struct text *why);
	void (*check_name)(const char *name,
			   struct text *why);     /* of a map: the same for its names */
	const struct setting_override *overrides; /* of a shared row; numbers only; else NULL */
};

struct setting_table {
	const struct setting *rows; /* those of a section stand together */
	size_t n_rows;
};

/** Put the defaults into a zeroed struct. A default that its own row refuses ends the program; a test with
 *  setting_check_table() finds it first. */
void setting_defaults(const struct setting_table *t, void *object);

/** Free strings and maps; the struct may then be given to setting_defaults() again. */
void setting_deinit(const struct setting_table *t, void *object);

/** The value that holds for a section: its own, or the shared one. */
static inline int64_t setting_or_shared(int64_t own, int64_t shared)
{
	return own == SETTING_UNSET ? shared : own;
}

/** The highest number under this key in any section, and the section that it stands in. SETTING_UNSET and NULL if
 *  there is no such key. */
int64_t setting_highest(const struct setting_table *t, const void *object, const char *key,
			const char **ret_section);

/** Set one. Returns 0, or -EINVAL with the reason in why, which names the setting, and leaves the value as it
 *  was. For an unknown name, the reason suggests the nearest known one. */
int setting_set(const struct setting_table *t, void *object, const char *name, const char *value,
		struct text *why);

/** Set one as on a command line, "section.key=value". */
int setting_set_arg(const struct setting_table *t, void *object, const char *arg, struct text *why);

/** Set everything that an INI file (base/inifile.h) names. Returns 0, or a negative errno with a line for each
 *  error, "file:line: section.key: what". */
int setting_load(const struct setting_table *t, void *object, const char *path,
		 struct text *errors);

/** One that has a value, as setting_each() tells it. */
struct setting_entry {
	const struct setting *row; /* with the section that it is set in */
	const char *key;           /* the row's, or a name of a map */
	const char *value;         /* as one would write it */
	int64_t number;            /* of a number */
	bool is_override;
};

typedef void setting_entry_h(void *magic, const struct setting_entry *e);

/** Call fn for each in the order of the table. An override that is not set is left out. */
void setting_each(const struct setting_table *t, const void *object, setting_entry_h *fn,
		  void *magic);

/** Whether a row holds a number. */
static inline bool setting_is_number(const struct setting *row)
{
	return row->type != SETTING_STRING && row->type != SETTING_BOOL && row->type != SETTING_MAP;
}

/** All of them as an INI file, with the help as comments; setting_load() of it gives the same values. */
void setting_dump(const struct setting_table *t, const void *object, struct text *out);

/** The table for people, in Markdown: Setting, Default, Range, Live, Meaning. */
void setting_markdown(const struct setting_table *t, struct text *out);

/** For a test: whether the table is sound; if not, appends to why what is wrong with its first bad row. It must have
 *  a name of its own, a help, and a default that it accepts; it must stand with its section; and if it is
 *  shared, it must be a number. */
bool setting_check_table(const struct setting_table *t, struct text *why);

/*
 * Lab API: what the files of a snapshot share
 */
#pragma once

#include "mcxd/base/setting_map.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "proto/text/text.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_dialog;

#define SNAPSHOT_FORMAT "mcxd-lab"
enum {
	SNAPSHOT_VERSION = 2
}; /* to be raised when an older mcxd cannot read it, or this one an older file */

/** Numbers that every reader of JSON has exactly, and moments from which no sum overflows. */
#define SNAPSHOT_MAX_NUMBER ((INT64_C(1) << 53) - 1)
#define SNAPSHOT_MAX_US     (INT64_C(20) * 365 * 86400 * 1000000)

struct snapshot_reading {
	int64_t moment_us;
	struct store_row *rows;
	size_t n;
	struct setting_map names; /* of what there must not be two of */
	struct text *why;
};

/** Whether a value is a number of this range, which *ret is then. */
bool snapshot_read_number(struct json_object *value, int64_t min, int64_t max, int64_t *ret);

/** Whether a string has no NUL inside. */
bool snapshot_is_text(struct json_object *value);

/** Whether a string can be a name of anything: a line of at most 64k. */
bool snapshot_is_name(struct json_object *value);

/** Whether a list has the word; they are separated by spaces. */
bool snapshot_has_word(const char *list, const char *word);

/** Whether this is the first of what there must not be two of; or a sentence, without its full stop, in why. */
bool snapshot_is_first(struct snapshot_reading *r, const char *what, const char *name);

typedef bool snapshot_element_h(void *magic, struct json_object *element, size_t i,
				struct text *why);

/** Read each element of a list, until one is refused: then why says "NAME[3]: " and what read() has said. */
bool snapshot_read_list(struct json_object *list, const char *name, snapshot_element_h *read,
			void *magic, struct text *why);

/* snapshot_user.c */
bool snapshot_read_users(struct snapshot_reading *r, struct json_object *list,
			 struct user_spec *ret);

/* dialog.c */
struct json_object *snapshot_dialog_json(struct sim_dialog *d);
/** sim_dialog_deinit() it, also after an error. */
bool snapshot_dialog_read(struct json_object *o, struct sim_dialog *ret, struct text *why);

/* snapshot_row.c */
bool snapshot_read_rows(struct snapshot_reading *r, struct json_object *rows);

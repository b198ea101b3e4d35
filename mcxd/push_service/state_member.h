/*
 * State: members of JSON objects, and whether they are what they must be
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;

/* Numbers that every reader of JSON has exactly, and times from which no sum overflows. */
#define STATE_MAX_NUMBER ((INT64_C(1) << 53) - 1)
#define STATE_MAX_MS     (INT64_C(20) * 365 * 86400 * 1000)

struct state_member {
	const char *name;
	enum json_type type;
	bool is_optional;
	int64_t min, max; /* of a number */
};

/** Whether an object has these members and no others; or a sentence in why. */
bool state_check_members(const struct state_member *members, size_t n, struct json_object *o,
			 struct text *why);

/** NULL and 0 for a member that is absent. */
const char *state_string(struct json_object *o, const char *name);
int64_t state_number(struct json_object *o, const char *name);

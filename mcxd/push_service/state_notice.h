/*
 * State: a notice as JSON and back
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct notice;
struct text;

struct json_object *state_notice_write(const struct notice *n, int64_t moment_us);

/** Whether it is one; or a sentence in why. *after: the number of the one before, which becomes that of this one. */
bool state_notice_check(struct json_object *o, int64_t *after, int64_t last, struct text *why);

/** What state_notice_check() has found nothing in. */
struct notice *state_notice_load(struct json_object *o, int64_t moment_us);

/** After how long it is not to be delivered any more; -1: never. */
int64_t state_notice_left_ms(struct json_object *o);

/*
 * State
 *
 * The channels with what waits at them, as JSON and back: a part of the lab's file. Times are microseconds from a moment,
 * and milliseconds that something takes already or still. What a phone holds open is not part of it.
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct text;

/** An array; magic is the push service. */
struct json_object *push_service_write(void *magic, int64_t moment_us);

/** Whether this is one, and within the limits; or a sentence in why. */
bool push_service_check(void *magic, struct json_object *channels, struct text *why);

/** Let these be the channels, and no others. push_service_check() has found nothing. A phone that asks for notifications is told
 *  to ask again. */
void push_service_load(void *magic, struct json_object *channels, int64_t moment_us);

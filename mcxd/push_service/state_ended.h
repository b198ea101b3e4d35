/*
 * State: device tokens that have been
 *
 * They stand beside the channels in the lab's file: {"token", "ended": the reason of APNs, "atUs"}.
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct push_service;
struct text;

/** Append them to the list. */
void state_ended_write(const struct push_service *service, struct json_object *list,
		       int64_t moment_us);

/** Whether this member of the list is one. */
bool state_is_ended(struct json_object *o);

/** Whether it is sound; or a sentence in why. */
bool state_ended_check(struct json_object *o, struct text *why);
void state_ended_load(struct push_service *service, struct json_object *o, int64_t moment_us);

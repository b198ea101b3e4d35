/*
 * Lab API: what happened, in short
 */
#pragma once

#include <json-c/json.h>
#include <stddef.h>

struct journal;

/** The newest moments of the story that this key belongs to: {seq, time, kind, label, from, to, fault}. *ret_earlier: how many
 *  came before. */
struct json_object *lab_timeline(const struct journal *j, const char *key, size_t max,
				 size_t *ret_earlier);

/** The hops of the push with this key, there and back: {seq, from, to, label, sent, received, fault}. */
struct json_object *lab_push_hops(const struct journal *j, const char *key);

/** The newest pushes that were not sent since the last reset, and why: {seq, time, conversation, user, phone, reason}. user: of this one; NULL:
 *  of all. phone: to the phone with this application id; NULL: to any. */
struct json_object *lab_not_sent(const struct journal *j, const char *user, const char *phone,
				 size_t max);

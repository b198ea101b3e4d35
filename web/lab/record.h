/*
 * Journal records as JSON
 */
#pragma once

#include "mcxd/base/journal.h"

#include <json-c/json.h>

/** All of it: seq, time, labMs, kind, from, to, incoming, user, key, link, summary, fields, raw (or
 *  rawBase64); what a record does not have is left out. */
struct json_object *lab_record(const struct journal_record *r);

/** Whether it concerns somebody: they are its user, or at either end of it, as themselves or as
 * their phone. */
bool lab_record_is_of(const struct journal_record *r, const char *user);

/** Every kind that a record can have; NULL ends it. */
extern const char *const lab_record_kinds[];

/** Whether it has this key, as key or as link. */
bool lab_record_has_key(const struct journal_record *r, const char *key);

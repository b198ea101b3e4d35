/*
 * Mask
 *
 * What opens doors is covered before records leave the lab: the value of Authorization and its like behind the name of
 * the scheme, cookies, and passwords and tokens in forms (also as parts), queries and JSON. A covered byte is a '*', so all lengths
 * stay, and with them Content-Length.
 */
#pragma once

#include "proto/record.h"

#include <stdbool.h>
#include <stddef.h>

/** Cover what is secret in n bytes: SIP, HTTP, or a body alone. bytes may be NULL if n is 0. */
void mask_secrets(char *bytes, size_t n);

/** Whether the values of headers of this name are covered. */
bool mask_covers(const char *header);

/** A copy for free(), its raw bytes covered. What goes over HTTP is covered when it is recorded, a message at a time. */
struct record *mask_record(const struct record *r);

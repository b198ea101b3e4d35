/*
 * HAL
 *
 * The shape of UCWA's resources (Skype/UCWA, "Payload format"): properties, then _links, then
 * _embedded, then rel. Hrefs are relative to the host. Strings that are not UTF-8 become so. A
 * member whose value is NULL is left out. Names and rels are string constants, added once each.
 */
#pragma once

#include "proto/diag.h"

#include <json-c/json.h>
#include <stdint.h>

struct json_object *hal_new(void);

void hal_string(struct json_object *o, const char *name, const char *value);
void hal_int(struct json_object *o, const char *name, int64_t value);
void hal_bool(struct json_object *o, const char *name, bool value);

/** A date as Microsoft's serializer writes it, "\/Date(1383784870271)\/": UTC milliseconds, and the
 *  escaped slashes are part of it. */
void hal_date(struct json_object *o, const char *name, int64_t wall_us);

/** A list of strings that ends with NULL. */
void hal_strings(struct json_object *o, const char *name, const char *const *values);

/** Add a link; the href is made as printf does. */
void hal_link(struct json_object *o, const char *rel, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** Add one more link to the array of links of this rel. */
void hal_link_append(struct json_object *o, const char *rel, const char *href);

/** A link object by itself: {"rel","href"}, with a title unless that is NULL. */
struct json_object *hal_bare_link(const char *rel, const char *href, const char *title);

/** Give the link of this rel, which is there, a title. NULL changes nothing. */
void hal_link_title(struct json_object *o, const char *rel, const char *title);

/** Embed a resource, whose reference is taken over. */
void hal_embed(struct json_object *o, const char *rel, struct json_object *child);
void hal_embed_append(struct json_object *o, const char *rel, struct json_object *child);

/** Put rel at the end; returns o. */
struct json_object *hal_end(struct json_object *o, const char *rel);

/** An error body {"code","subcode","message"} ("Errors and informational messages"). message NULL:
 * the row's own reason. */
struct json_object *hal_error(enum diag_code code, const char *message);

/** The row that stands for an HTTP status which the server itself answers with. */
enum diag_code hal_code_of_status(int http_status);

/** The text of it, slashes as they are; it belongs to the object. ret_n may be NULL. */
const char *hal_text(struct json_object *o, size_t *ret_n);
void hal_print(struct text *out, struct json_object *o);

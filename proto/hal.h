/*
 * HAL
 *
 * The shape of UCWA's resources (Skype/UCWA, "Payload format"): properties, then _links, then
 * _embedded, then rel. They are written as they come, so everything of a section is added in one go.
 * Hrefs are relative to the host. Strings that are not UTF-8 become so. A member whose value is NULL
 * is left out. Names and rels are string constants, added once each.
 */
#pragma once

#include "proto/diag.h"
#include "proto/text.h"

#include <stdint.h>

struct hal;

struct hal *hal_new(void);
struct hal *hal_free(struct hal *o);

void hal_string(struct hal *o, const char *name, const char *value);
void hal_int(struct hal *o, const char *name, int64_t value);
void hal_bool(struct hal *o, const char *name, bool value);

/** A date as Microsoft's serializer writes it, "\/Date(1383784870271)\/": UTC milliseconds, and the
 *  escaped slashes are part of it. */
void hal_date(struct hal *o, const char *name, int64_t wall_us);

/** A list of strings that ends with NULL. */
void hal_strings(struct hal *o, const char *name, const char *const *values);

/** A member that is an object, which is taken over. And one that is an array of objects, already
 *  written one behind the other with commas between them. */
void hal_object(struct hal *o, const char *name, struct hal *value);
void hal_objects(struct hal *o, const char *name, const struct text *values);

/** Add a link; the href is made as printf does. */
void hal_link(struct hal *o, const char *rel, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** Add a link to a ready href, with a title unless that is NULL. */
void hal_link_to(struct hal *o, const char *rel, const char *href, const char *title);

/** Add one more link to the array of links of this rel, which is the newest. */
void hal_link_append(struct hal *o, const char *rel, const char *href);

/** A link object by itself: {"rel","href"}, with a title unless that is NULL. */
struct hal *hal_bare_link(const char *rel, const char *href, const char *title);

/** Embed a resource, which is taken over. */
void hal_embed(struct hal *o, const char *rel, struct hal *child);
void hal_embed_append(struct hal *o, const char *rel, struct hal *child);

/** Put rel at the end; returns o. */
struct hal *hal_end(struct hal *o, const char *rel);

/** An error body {"code","subcode","message"} ("Errors and informational messages"). message NULL:
 * the row's own reason. */
struct hal *hal_error(enum diag_code code, const char *message);

/** The row that stands for an HTTP status which the server itself answers with. */
enum diag_code hal_code_of_status(int http_status);

/** The text of it, slashes as they are; it belongs to the object, to which nothing can be added from
 *  then on. ret_n may be NULL. */
const char *hal_text(struct hal *o, size_t *ret_n);
void hal_print(struct text *out, struct hal *o);

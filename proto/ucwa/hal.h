/*
 * HAL
 *
 * The shape of UCWA's resources (Skype/UCWA, "Payload format"): properties, then _links, then
 * _embedded, then rel. They are written as they come, so everything of a section is added in one go,
 * and what is opened in an object is written before the object goes on. Hrefs are relative to the host.
 * Strings that are not UTF-8 become so. A member whose value is NULL is left out. Names and rels are
 * string constants, added once each.
 */
#pragma once

#include "proto/diag.h"
#include "proto/text/text.h"

#include <stdint.h>

struct hal;

struct hal *hal_new(void);
struct hal *hal_free(struct hal *o);

void hal_string(struct hal *o, const char *name, const char *value);

/** A string that is added piece by piece to the text returned, as it has to stand there: nothing in it
 *  may need an escape. */
struct text *hal_begin_string(struct hal *o, const char *name);
void hal_end_string(struct hal *o);

void hal_int(struct hal *o, const char *name, int64_t value);
void hal_bool(struct hal *o, const char *name, bool value);

/** A date as Microsoft's serializer writes it, "\/Date(1383784870271)\/": UTC milliseconds, and the
 *  escaped slashes are part of it. */
void hal_date(struct hal *o, const char *name, int64_t wall_us);

/** A list of strings that ends with NULL. */
void hal_strings(struct hal *o, const char *name, const char *const *values);

/** Open a member that is an object, or one more object of the array of this name, which is the newest
 *  member: what is added from then on is added to it, until it is closed. */
void hal_open(struct hal *o, const char *name);
void hal_open_element(struct hal *o, const char *name);
void hal_close(struct hal *o);

/** A member that is an empty array. */
void hal_no_elements(struct hal *o, const char *name);

/** Add a link; the href is the strings one behind the other. */
#define hal_link(o, rel, ...) hal_link_list(o, rel, (const char *const[]){ __VA_ARGS__, NULL })
void hal_link_list(struct hal *o, const char *rel, const char *const *href);

/** Add a link whose href is added as with hal_begin_string(); with a title unless that is NULL. */
struct text *hal_begin_link(struct hal *o, const char *rel);
void hal_end_link(struct hal *o, const char *title);

/** Add one more link to the array of links of this rel, which is the newest. */
void hal_link_append(struct hal *o, const char *rel, const char *href);

/** Open an embedded resource, or one more of the array of this rel; hal_close() ends it. */
void hal_embed(struct hal *o, const char *rel);
void hal_embed_append(struct hal *o, const char *rel);

/** Put rel at the end; returns o. */
struct hal *hal_end(struct hal *o, const char *rel);

/** Add an error {"code","subcode","message"} ("Errors and informational messages"); returns o. message
 * NULL: the row's own reason. */
struct hal *hal_error(struct hal *o, enum diag_code code, const char *message);

/** The text of it, slashes as they are; it belongs to the object, to which nothing can be added from
 *  then on. ret_n may be NULL. */
const char *hal_text(struct hal *o, size_t *ret_n);

/** Where in the text the open object starts, how long the text is so far, and the text from a place on:
 *  for who wants to keep a part. */
size_t hal_where(const struct hal *o);
size_t hal_size(const struct hal *o);
const char *hal_from(const struct hal *o, size_t where);

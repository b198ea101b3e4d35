/*
 * HAL
 *
 * The shape of UCWA's resources (Skype/UCWA, "Payload format"): properties, then _links, then
 * _embedded, then rel. The text is written as members are added: all members of a section must be added
 * before the next section begins, and an object that was opened must be closed before its parent goes on.
 * Hrefs are relative to the host. In strings, bytes that are not UTF-8 are replaced. A member whose value is
 * NULL is left out. Names and rels are string constants, each added once. The functions that add what every
 * event has are inline, so that the compiler knows how long their names are.
 */
#pragma once

#include "proto/diag.h"
#include "proto/text/text.h"

#include <stdint.h>
#include <string.h>

struct hal;

struct hal *hal_new(void);
struct hal *hal_free(struct hal *o); /* NULL is fine */

void hal_add_string(struct hal *o, const char *name, size_t n_name, const char *value);

static inline void hal_string(struct hal *o, const char *name, const char *value)
{
	hal_add_string(o, name, strlen(name), value);
}

/** Begin a string whose pieces are then added to the text that is returned. They must not need an
 *  escape. */
struct text *hal_start_string(struct hal *o, const char *name, size_t n_name);
void hal_end_string(struct hal *o);

static inline struct text *hal_begin_string(struct hal *o, const char *name)
{
	return hal_start_string(o, name, strlen(name));
}

void hal_int(struct hal *o, const char *name, int64_t value);
void hal_bool(struct hal *o, const char *name, bool value);

/** A date as Microsoft's serializer writes it, "\/Date(1383784870271)\/": UTC milliseconds, with the
 *  slashes escaped. */
void hal_date(struct hal *o, const char *name, int64_t wall_us);

/** A list of strings that ends with NULL. */
void hal_strings(struct hal *o, const char *name, const char *const *values);

/** Open a member that is an object, or an object in the array of this name, which must be the newest
 *  member or a new one. What is added then is added to that object, until hal_close(). */
void hal_open(struct hal *o, const char *name);
void hal_open_element(struct hal *o, const char *name);
void hal_close(struct hal *o);

/** A member that is an empty array. */
void hal_no_elements(struct hal *o, const char *name);

/** Add a link; its href is the concatenation of the strings. */
#define hal_link(o, rel, ...) hal_link_list(o, rel, (const char *const[]){ __VA_ARGS__, NULL })
void hal_link_list(struct hal *o, const char *rel, const char *const *href);

/** Add a link to a resource of this revision ("Versioning"), which is not the first one. */
void hal_link_revision(struct hal *o, const char *rel, const char *path, const char *below,
		       const char *revision);

/** Add a link whose href is added as with hal_begin_string(). title may be NULL. */
struct text *hal_start_link(struct hal *o, const char *rel, size_t n_rel);
void hal_end_link(struct hal *o, const char *title);

static inline struct text *hal_begin_link(struct hal *o, const char *rel)
{
	return hal_start_link(o, rel, strlen(rel));
}

/** Add a link to the array of links of this rel, which must be the newest rel or a new one. */
void hal_link_append(struct hal *o, const char *rel, const char *href);

/** Open an embedded resource, or one in the array of this rel, until hal_close(). */
void hal_embed(struct hal *o, const char *rel);
void hal_embed_append(struct hal *o, const char *rel);

/** An array of embedded resources that has none. */
void hal_embed_none(struct hal *o, const char *rel);

/** Add the final rel; returns o. */
struct hal *hal_end(struct hal *o, const char *rel);

/** The same for a resource that carries its own tag, in "etag", because clients change it or keep it (Caching). It has
 *  no embedded resources. */
struct hal *hal_end_tagged(struct hal *o, const char *rel);

/** The entity tag of the resource, after its end. As "Payload format" has it, embedded resources do not count. NULL:
 *  it is not a resource, but a packet of events or an error. */
const char *hal_etag(struct hal *o);

/** Add an error {"code","subcode","message"} ("Errors and informational messages"); returns o. message
 *  NULL: the row's reason. */
struct hal *hal_error(struct hal *o, enum diag_code code, const char *message);

/** The text, slashes not escaped. It belongs to the object, to which nothing can be added after this.
 *  ret_n may be NULL. */
const char *hal_text(struct hal *o, size_t *ret_n);

/** The same, for the caller to keep. The object is empty afterwards. */
void hal_take(struct hal *o, struct text *ret);

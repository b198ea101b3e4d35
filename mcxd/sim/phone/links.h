/*
 * Links
 *
 * Links and embedded resources of UCWA (HAL), and the URLs in them. Every path that the phone uses comes as
 * a link in some answer.
 */
#pragma once

#include <json-c/json.h>
#include <stddef.h>

/** href of a link of a resource, the first if there are several, or NULL. */
const char *sim_link_href(struct json_object *resource, const char *rel);

/** href of the link at this index, counted from 0, or NULL. */
const char *sim_link_href_at(struct json_object *resource, const char *rel, size_t index);

/** An embedded resource, the one at this index if there are several, or NULL. */
struct json_object *sim_link_embedded(struct json_object *resource, const char *rel, size_t index);

/** The first of that relation among embedded resources (the value of "_embedded"), or NULL. */
struct json_object *sim_link_among(struct json_object *embedded, const char *rel);

/** The name of a participant, or its URI, or NULL. */
const char *sim_link_name(struct json_object *participant);

/** Why an event tells of a failure: its subcode or code, or NULL. */
const char *sim_link_reason(struct json_object *event);

/** Make an href from an answer of this origin absolute; free() it. */
char *sim_link_resolve(const char *origin, const char *href);

/** The text of a data URI, or NULL; free() it. */
char *sim_link_text(const char *href);

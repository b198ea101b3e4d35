/*
 * Links
 */
#include "mcxd/sim/phone/links.h"

#include "proto/text/data_uri.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/url.h"

/* UCWA writes a single element without the array. */
static struct json_object *pick(struct json_object *o, size_t index)
{
	if (json_object_is_type(o, json_type_array))
		return index < json_object_array_length(o) ? json_object_array_get_idx(o, index)
							   : NULL;
	return index == 0 ? o : NULL;
}

const char *sim_link_href_at(struct json_object *resource, const char *rel, size_t index)
{
	struct json_object *links = json_in_find(resource, "_links");

	return json_in_string(pick(json_in_find(links, rel), index), "href");
}

const char *sim_link_href(struct json_object *resource, const char *rel)
{
	return sim_link_href_at(resource, rel, 0);
}

struct json_object *sim_link_embedded(struct json_object *resource, const char *rel, size_t index)
{
	return pick(json_in_find(json_in_find(resource, "_embedded"), rel), index);
}

struct json_object *sim_link_among(struct json_object *embedded, const char *rel)
{
	return pick(json_in_find(embedded, rel), 0);
}

const char *sim_link_name(struct json_object *participant)
{
	const char *name = json_in_string(participant, "name");

	return name && *name ? name : json_in_string(participant, "uri");
}

const char *sim_link_reason(struct json_object *event)
{
	struct json_object *reason = json_in_find(event, "reason");
	const char *word = json_in_string(reason, "subcode");

	return word && *word ? word : json_in_string(reason, "code");
}

char *sim_link_resolve(const char *origin, const char *href)
{
	CLEANUP(mem_free_string) char *own = url_origin(href);

	if (own)
		return mem_strdup(href);
	return text_concat(origin, *href == '/' ? "" : "/", href);
}

char *sim_link_text(const char *href)
{
	struct data_uri uri;
	const char *why;
	char *text;

	if (!href || data_uri_decode(href, &uri, &why) < 0)
		return NULL;
	text = mem_strdup(uri.text);
	data_uri_deinit(&uri);
	return text;
}

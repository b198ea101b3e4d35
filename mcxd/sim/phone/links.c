/*
 * Links
 */
#include "mcxd/sim/phone/links.h"

#include "proto/text/chars.h"
#include "proto/text/data_uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

struct json_object *sim_link_member(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, name, &value);
	return value;
}

/* UCWA writes a single element without the array. */
static struct json_object *pick(struct json_object *o, size_t index)
{
	if (json_object_is_type(o, json_type_array))
		return index < json_object_array_length(o) ? json_object_array_get_idx(o, index)
							   : NULL;
	return index == 0 ? o : NULL;
}

const char *sim_link_string(struct json_object *o, const char *name)
{
	struct json_object *value = sim_link_member(o, name);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

const char *sim_link_href(struct json_object *resource, const char *rel)
{
	struct json_object *links = sim_link_member(resource, "_links");

	return sim_link_string(pick(sim_link_member(links, rel), 0), "href");
}

struct json_object *sim_link_embedded(struct json_object *resource, const char *rel, size_t index)
{
	return pick(sim_link_member(sim_link_member(resource, "_embedded"), rel), index);
}

/* Bytes of "scheme://host:port"; 0: the URL is not absolute. */
static size_t origin_length(const char *url)
{
	const char *p = url;

	while (chars_is_alpha(*p))
		p++;
	if (p == url || strncmp(p, "://", 3) != 0)
		return 0;
	p += 3;
	return (size_t)(p - url) + strcspn(p, "/?#");
}

char *sim_link_origin(const char *url)
{
	size_t n = origin_length(url);

	return n ? mem_memdup(url, n) : NULL;
}

char *sim_link_resolve(const char *origin, const char *href)
{
	if (origin_length(href))
		return mem_strdup(href);
	return text_format("%s%s%s", origin, *href == '/' ? "" : "/", href);
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

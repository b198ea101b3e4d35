/*
 * Links of resources
 */
#include "mcxd/sim/phone/phone.h"

#include "proto/text/chars.h"
#include "proto/text/data_uri.h"

static struct json_object *member(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, name, &value);
	return value;
}

/* Of one or several. */
static struct json_object *pick(struct json_object *o, size_t index)
{
	if (json_object_is_type(o, json_type_array))
		return index < json_object_array_length(o) ? json_object_array_get_idx(o, index)
							   : NULL;
	return index == 0 ? o : NULL;
}

const char *link_string(struct json_object *o, const char *name)
{
	struct json_object *value = member(o, name);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

const char *link_href(struct json_object *resource, const char *rel)
{
	return link_string(pick(member(member(resource, "_links"), rel), 0), "href");
}

struct json_object *link_embedded(struct json_object *resource, const char *rel, size_t index)
{
	return pick(member(member(resource, "_embedded"), rel), index);
}

/* Bytes of "scheme://host:port"; 0: it is no such URL. */
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

char *link_origin(const char *url)
{
	size_t n = origin_length(url);

	return n ? mem_memdup(url, n) : NULL;
}

char *link_resolve(const char *origin, const char *href)
{
	if (origin_length(href))
		return mem_strdup(href);
	return text_format("%s%s%s", origin, *href == '/' ? "" : "/", href);
}

char *link_text(const char *href)
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

/*
 * JSON from outside
 */
#include "proto/text/json_in.h"

#include "proto/text/json_scan.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <json-c/json_visit.h>
#include <limits.h>
#include <math.h>

/* ---- the tree ---- */

struct count {
	size_t n_members;
	bool infinite;
};

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is json-c's */
static int count_one(json_object *o, int flags, json_object *parent, const char *key, size_t *index,
		     void *magic)
{
	struct count *count = magic;

	(void)parent;
	(void)index;
	if (flags & JSON_C_VISIT_SECOND)
		return JSON_C_VISIT_RETURN_CONTINUE;
	if (key)
		count->n_members++;
	if (json_object_is_type(o, json_type_double) && !isfinite(json_object_get_double(o)))
		count->infinite = true;
	return JSON_C_VISIT_RETURN_CONTINUE;
}

/* That it is UTF-8 was checked before: to check it again would cost a fifth of the parsing. */
static struct json_object *parse(const char *p, size_t n, int max_depth)
{
	struct json_tokener *tok = mem_check(json_tokener_new_ex(max_depth + 1));
	struct json_object *o = json_tokener_parse_ex(tok, p, (int)n);

	json_tokener_free(tok);
	return o;
}

/* With its number in place of each part. json-c would take the text in pieces, too, but makes and frees a locale for each. */
static struct json_object *parse_rest(const char *p, size_t n, const struct json_scan *s)
{
	CLEANUP(text_deinit) struct text rest = TEXT_INIT;
	const char *end = p + n;

	for (size_t i = 0; i < s->parts->n; i++) {
		const struct json_in_part *part = &s->parts->all[i];

		text_add_bytes(&rest, p, (size_t)(part->p - p));
		text_addf(&rest, "%zu", i);
		p = part->p + part->n;
	}
	text_add_bytes(&rest, p, (size_t)(end - p));
	return parse(rest.data, rest.n, s->max_depth);
}

static const char *check_tree(struct json_object *o, size_t n_members)
{
	struct count count = { 0 };

	json_c_visit(o, 0, count_one, &count);
	if (count.infinite)
		return "A number in the JSON is too big.";
	/* json-c keeps the last of several members with one name. */
	if (count.n_members != n_members)
		return "A member of the JSON occurs twice.";
	return NULL;
}

/* *ret_why: NULL, or why not. */
static struct json_object *make_tree(const char *p, size_t n, const struct json_scan *s,
				     const char **ret_why)
{
	struct json_object *o = s->parts ? parse_rest(p, n, s) : parse(p, n, s->max_depth);

	*ret_why = o ? check_tree(o, s->n_members) : "The JSON is malformed.";
	if (!*ret_why)
		return o;
	json_object_put(o);
	return NULL;
}

static int read_object(const void *p, size_t n, struct json_scan s, struct json_object **ret,
		       const char **ret_why)
{
	const unsigned char *begin = n ? p : (const void *)"";

	*ret = NULL;
	*ret_why = NULL;
	/* Writers of .NET begin a text with a byte order mark, which readers may ignore (RFC 8259, 8.1). */
	if (n >= 3 && !memcmp(begin, "\xEF\xBB\xBF", 3)) {
		begin += 3;
		n -= 3;
	}
	s.p = begin;
	s.end = begin + n;
	if (s.max_depth > JSON_IN_MAX_DEPTH)
		s.max_depth = JSON_IN_MAX_DEPTH;
	if (n > INT_MAX)
		*ret_why = "The JSON is too big.";
	else if (!json_scan_object(&s))
		*ret_why = s.why;
	else
		*ret = make_tree((const char *)begin, n, &s, ret_why);
	return *ret ? 0 : -EINVAL;
}

int json_in_object(const void *p, size_t n, int max_depth, struct json_object **ret,
		   const char **ret_why)
{
	return read_object(p, n, (struct json_scan){ .max_depth = max_depth }, ret, ret_why);
}

int json_in_object_lax(const void *p, size_t n, int max_depth, struct json_object **ret,
		       const char **ret_why)
{
	return read_object(p, n, (struct json_scan){ .max_depth = max_depth, .is_lax = true }, ret,
			   ret_why);
}

/* ---- an object in parts ---- */

int json_in_object_in_parts(const void *p, size_t n, const char *name,
			    struct json_in_parts *ret_parts, struct json_object **ret,
			    const char **ret_why)
{
	*ret_parts = (struct json_in_parts){ .name = name };
	return read_object(p, n,
			   (struct json_scan){ .max_depth = JSON_IN_MAX_DEPTH, .parts = ret_parts },
			   ret, ret_why);
}

struct json_object *json_in_read_part(const struct json_in_parts *parts, struct json_object *o)
{
	struct json_object *number = json_in_find(o, parts->name);
	/* A name with an escape is not known as this name while it is scanned. */
	uint64_t i = json_object_is_type(number, json_type_int) ? json_object_get_uint64(number)
								: UINT64_MAX;
	const struct json_in_part *part;
	const char *why;

	if (i >= parts->n)
		return NULL;
	part = &parts->all[i];
	if (*part->p != '{')
		return NULL;
	return make_tree(
		part->p, part->n,
		&(struct json_scan){ .max_depth = JSON_IN_MAX_DEPTH, .n_members = part->n_members },
		&why);
}

void json_in_parts_deinit(struct json_in_parts *parts)
{
	free(parts->all);
	*parts = (struct json_in_parts){ 0 };
}

/* ---- members ---- */

int json_in_member(struct json_object *o, const char *name, struct json_object **ret)
{
	int n = 0;

	*ret = NULL;
	json_object_object_foreach (o, key, value) {
		if (strcasecmp(key, name) != 0)
			continue;
		if (!n)
			*ret = value;
		n++;
	}
	return n;
}

struct json_object *json_in_find(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, name, &value);
	return value;
}

const char *json_in_string(struct json_object *o, const char *name)
{
	struct json_object *value = json_in_find(o, name);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

struct json_object *json_in_path(struct json_object *o, const char *path)
{
	while (o && *path) {
		size_t n = strcspn(path, ".");
		CLEANUP(mem_free_string) char *name = mem_memdup(path, n);

		o = json_in_find(o, name);
		path += n + (path[n] == '.');
	}
	return o;
}

/*
 * Answers held against the shapes of resources
 */
#include "ucwa_shape.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/ucwa/shape.h"

#include <json-c/json_visit.h>
#include <string.h>

enum { MAX_SEEN = 100 };

static const char *seen[MAX_SEEN];
static size_t n_seen;

bool shape_was_seen(const char *rel)
{
	for (size_t i = 0; i < n_seen; i++)
		if (!strcmp(seen[i], rel))
			return true;
	return false;
}

static void see(const struct ucwa_shape *shape)
{
	if (shape_was_seen(shape->rel))
		return;
	assert_true(n_seen < MAX_SEEN);
	seen[n_seen++] = shape->rel;
}

static const char *string_in(struct json_object *o, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(o, name, &value) &&
			       json_object_is_type(value, json_type_string)
		       ? json_object_get_string(value)
		       : NULL;
}

/* ---- one member ---- */

static bool is_link(struct json_object *o)
{
	const char *href = string_in(o, "href");

	return href && (*href == '/' || !strncmp(href, "data:", 5));
}

static bool is_resource(struct json_object *o, const char *rel)
{
	const char *has = string_in(o, "rel");

	return has && !strcmp(has, rel);
}

static bool all(struct json_object *list, bool (*is)(struct json_object *o, const char *rel),
		const char *rel)
{
	if (!json_object_is_type(list, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (!is(json_object_array_get_idx(list, i), rel))
			return false;
	return true;
}

static bool is_string(struct json_object *o, const char *rel)
{
	(void)rel;
	return json_object_is_type(o, json_type_string);
}

static bool links(struct json_object *o, const char *rel)
{
	(void)rel;
	return is_link(o);
}

static bool has_type(struct json_object *o, const struct ucwa_member *m)
{
	const char *rel = m->rel ? m->rel : m->name;
	const char *s = json_object_get_string(o);

	switch (m->value) {
	case UCWA_STRING: return is_string(o, NULL);
	case UCWA_STRINGS: return all(o, is_string, NULL);
	case UCWA_INT: return json_object_is_type(o, json_type_int);
	case UCWA_BOOL: return json_object_is_type(o, json_type_boolean);
	case UCWA_DATE: return is_string(o, NULL) && !strncmp(s, "/Date(", 6);
	case UCWA_LINK: return is_link(o);
	case UCWA_LINKS: return all(o, links, NULL);
	case UCWA_RESOURCE: return is_resource(o, rel);
	case UCWA_RESOURCES: return all(o, is_resource, rel);
	}
	return false;
}

/* ---- a resource ---- */

static struct json_object *section_of(struct json_object *o, enum ucwa_value value)
{
	struct json_object *section = NULL;

	if (value < UCWA_LINK)
		return o;
	json_object_object_get_ex(o, value < UCWA_RESOURCE ? "_links" : "_embedded", &section);
	return section;
}

static bool is_passed(struct json_object *o)
{
	return is_string(o, NULL) &&
	       !strcmp(json_object_get_string(o), "please pass this in a PUT request");
}

static const char *name_of(const char *name, struct json_object *o)
{
	return is_passed(o) ? UCWA_PASSED : name;
}

/* A property of random name cannot be looked up by it. */
static bool has_passed(struct json_object *o)
{
	json_object_object_foreach (o, name, value) {
		(void)name;
		if (is_passed(value))
			return true;
	}
	return false;
}

static bool has_member(struct json_object *section, const char *name)
{
	if (!strcmp(name, UCWA_PASSED))
		return has_passed(section);
	return json_object_object_get_ex(section, name, NULL);
}

/* What is there must be in the shape. value: any of those in this section. */
static void check_known(const struct ucwa_shape *shape, struct json_object *section,
			enum ucwa_value value)
{
	if (!section)
		return;
	json_object_object_foreach (section, name, o) {
		const struct ucwa_member *m = ucwa_shape_member(shape, name_of(name, o), value);

		if (section_of(section, value) == section && (*name == '_' || !strcmp(name, "rel")))
			continue;
		if (!m)
			fail_msg("%s has %s, which is not in the table", shape->rel, name);
		else if (!has_type(o, m))
			fail_msg("%s.%s is %s", shape->rel, name, json_object_to_json_string(o));
	}
}

static void check_complete(const struct ucwa_shape *shape, struct json_object *o)
{
	for (const struct ucwa_member *m = shape->members; m->name; m++) {
		struct json_object *section = section_of(o, m->value);

		if (!m->when && !(section && has_member(section, m->name)))
			fail_msg("%s has no %s: %s", shape->rel, m->name,
				 json_object_to_json_string(o));
	}
}

/* Links of events and senders have a rel and a href and nothing else; they are no resources. */
static void check_resource(struct json_object *o)
{
	const char *rel = string_in(o, "rel");
	const struct ucwa_shape *shape;

	if (!rel || string_in(o, "href"))
		return;
	shape = ucwa_shape_find(rel);
	if (!shape) {
		fail_msg("there is no shape of %s", rel);
		return;
	}
	see(shape);
	check_known(shape, o, UCWA_STRING);
	check_known(shape, section_of(o, UCWA_LINK), UCWA_LINK);
	check_known(shape, section_of(o, UCWA_RESOURCE), UCWA_RESOURCE);
	check_complete(shape, o);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): json-c defines the type */
static int check_one(json_object *o, int flags, json_object *parent, const char *key, size_t *index,
		     void *magic)
{
	(void)parent;
	(void)key;
	(void)index;
	(void)magic;
	if (!(flags & JSON_C_VISIT_SECOND) && json_object_is_type(o, json_type_object))
		check_resource(o);
	return JSON_C_VISIT_RETURN_CONTINUE;
}

void shape_check(struct json_object *o)
{
	json_c_visit(o, 0, check_one, NULL);
}

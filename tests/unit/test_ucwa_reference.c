/*
 * The shapes of resources against the names in Microsoft's reference
 *
 * golden/ucwa_reference.txt has what the reference pages list: each resource with its properties, links and operations;
 * behind the name of a property the type that the page's sample shows, behind that of a link whether the sample has one or
 * an array of them.
 * golden/ucwa_omitted.txt says what of it this server leaves out, and why. Whatever is in neither the shapes nor this
 * list has been forgotten, and what is in both has been mended since.
 */
#include "golden.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/shape.h"

#include <stdbool.h>
#include <string.h>

/* A line of either file: a resource, or names that belong to the one above. */
typedef void line_h(void *magic, const char *rel, const char *section, char *names);

/* Lines that are indented hold names; in the reference the first word says of what kind they are. */
static void each(const char *file, bool has_sections, line_h *on_line, void *magic)
{
	CLEANUP(text_deinit) struct text all = golden_read(file);
	CLEANUP(mem_free_string) char *copy = mem_strdup(text_str(&all));
	char *rest = copy;
	const char *rel = "-";

	for (char *line; (line = strsep(&rest, "\n"));) {
		char *section = NULL;

		if (!*line || *line == '#')
			continue;
		if (*line != '\t') {
			rel = line;
			on_line(magic, rel, NULL, NULL);
			continue;
		}
		line++;
		if (has_sections)
			section = strsep(&line, " ");
		on_line(magic, rel, section, line);
	}
}

static bool is_absent(const char *rel, const char *of)
{
	for (const struct ucwa_absent *a = ucwa_absents; a->rel; a++)
		if (!strcmp(a->rel, rel) && (!of || !strcmp(a->of, of)))
			return true;
	return false;
}

static bool shape_has(const struct ucwa_shape *shape, const char *name)
{
	return ucwa_shape_member(shape, name, UCWA_STRING) ||
	       ucwa_shape_member(shape, name, UCWA_LINK) ||
	       ucwa_shape_member(shape, name, UCWA_RESOURCE);
}

/* A link can be an embedded resource as well ("Events in UCWA"). */
static const struct {
	const char *word;
	enum ucwa_value values[2];
} kinds[] = {
	{ "string", { UCWA_STRING, UCWA_STRING } }, { "strings", { UCWA_STRINGS, UCWA_STRINGS } },
	{ "int", { UCWA_INT, UCWA_INT } },          { "bool", { UCWA_BOOL, UCWA_BOOL } },
	{ "date", { UCWA_DATE, UCWA_DATE } },       { "one", { UCWA_LINK, UCWA_RESOURCE } },
	{ "many", { UCWA_LINKS, UCWA_RESOURCES } },
};

static bool has_value(const struct ucwa_shape *shape, const char *name, enum ucwa_value value)
{
	for (const struct ucwa_member *m = shape->members; m->name; m++)
		if (!strcmp(m->name, name) && m->value == value)
			return true;
	return false;
}

static bool is_of_kind(const struct ucwa_shape *shape, const char *name, const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].word, word))
			return has_value(shape, name, kinds[i].values[0]) ||
			       has_value(shape, name, kinds[i].values[1]);
	fail_msg("there is no kind %s", word);
	return false;
}

/* ---- what is left out ---- */

struct search {
	const char *rel, *name;
	bool found;
};

static void find(void *magic, const char *rel, const char *section, char *names)
{
	struct search *s = magic;

	(void)section;
	if (!names || strcmp(rel, s->rel) != 0)
		return;
	for (char *name; (name = strsep(&names, " "));)
		s->found |= !strcmp(name, s->name);
}

/* rel "-": a resource as a whole. */
static bool is_omitted(const char *rel, const char *name)
{
	struct search s = { .rel = rel, .name = name };

	each("ucwa_omitted.txt", false, find, &s);
	return s.found;
}

static bool is_linked(const char *rel)
{
	for (const struct ucwa_shape *shape = ucwa_shapes; shape->rel; shape++)
		if (ucwa_shape_member(shape, rel, UCWA_LINK) ||
		    ucwa_shape_member(shape, rel, UCWA_RESOURCE))
			return true;
	return false;
}

/* ---- the tests ---- */

static void check(void *magic, const char *rel, const char *section, char *names)
{
	const struct ucwa_shape *shape = ucwa_shape_find(rel);
	size_t *n = magic;

	(*n)++;
	if (!section && !shape && !is_linked(rel) && !is_absent(rel, NULL) && !is_omitted("-", rel))
		fail_msg("nothing is said of the resource %s", rel);
	if (!section || !shape || !strcmp(section, "operations"))
		return;
	for (char *kind; (kind = strsep(&names, " "));) {
		const char *name = strsep(&kind, ":");

		if (is_absent(name, rel) || is_omitted(rel, name))
			continue;
		if (!shape_has(shape, name))
			fail_msg("%s has no %s", rel, name);
		if (kind && !is_of_kind(shape, name, kind))
			fail_msg("in %s the sample has %s as %s", rel, name, kind);
	}
}

static void test_everything_is_there(void **state)
{
	size_t n = 0;

	(void)state;
	each("ucwa_reference.txt", true, check, &n);
	assert_true(n > 500);
}

static void check_stale(void *magic, const char *rel, const char *section, char *names)
{
	const struct ucwa_shape *shape = ucwa_shape_find(rel);

	(void)magic;
	(void)section;
	if (!shape && strcmp(rel, "-") != 0)
		fail_msg("%s is no resource of ours", rel);
	for (char *name; names && (name = strsep(&names, " "));)
		if (shape ? shape_has(shape, name) : !!ucwa_shape_find(name))
			fail_msg("%s %s is there by now", rel, name);
}

static void test_what_is_left_out_is_not_there(void **state)
{
	(void)state;
	each("ucwa_omitted.txt", false, check_stale, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_is_there),
		cmocka_unit_test(test_what_is_left_out_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * HTTP routes
 */
#include "web/http/route.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/http/target.h"

#include <assert.h>
#include <strings.h>

/* The first kind has the highest precedence. */
enum part_kind { PART_LITERAL, PART_PARAM, PART_REST };

struct part {
	enum part_kind kind;
	const char *text; /* the literal, or the parameter's name */
};

struct http_pattern {
	const struct http_route *route;
	struct part *parts;
	size_t n_parts;
	char *memory; /* of the texts of the parts */
	const struct http_pattern
		*next; /* of the same length, or that ends in {name*} like this one */
};

struct http_router {
	struct http_pattern *patterns; /* in the order of the rows */
	size_t n_patterns;
	const struct http_pattern *of_length[HTTP_TARGET_SEGMENTS + 1]; /* in the same order */
	const struct http_pattern *open;                                /* that end in {name*} */
};

static void part_init(struct part *part, char *segment)
{
	size_t n = strlen(segment);

	part->kind = PART_LITERAL;
	part->text = segment;
	if (n < 3 || segment[0] != '{' || segment[n - 1] != '}')
		return;
	part->kind = segment[n - 2] == '*' ? PART_REST : PART_PARAM;
	segment[n - (part->kind == PART_REST ? 2 : 1)] = '\0';
	part->text = segment + 1;
}

static void pattern_init(struct http_pattern *pattern, const struct http_route *route)
{
	size_t n_slashes = 0;
	char *rest;

	assert(route->method && route->path && route->path[0] == '/' && route->handler);
	for (const char *p = route->path; *p; p++)
		n_slashes += *p == '/';
	pattern->route = route;
	pattern->memory = mem_strdup(route->path + 1);
	pattern->parts = mem_zalloc(n_slashes * sizeof(*pattern->parts));
	rest = pattern->memory;
	while (rest) {
		char *segment = strsep(&rest, "/");
		struct part *part = &pattern->parts[pattern->n_parts++];

		part_init(part, segment);
		assert(part->kind != PART_REST || !rest);
	}
}

static bool is_open(const struct http_pattern *pattern)
{
	return pattern->parts[pattern->n_parts - 1].kind == PART_REST;
}

static void add(struct http_router *router, struct http_pattern *pattern)
{
	const struct http_pattern **first = &router->open;

	assert(pattern->n_parts <= HTTP_TARGET_SEGMENTS);
	if (!is_open(pattern))
		first = &router->of_length[pattern->n_parts];
	pattern->next = *first;
	*first = pattern;
}

struct http_router *http_router_new(const struct http_route *rows, size_t n)
{
	struct http_router *router = MEM_NEW(struct http_router);

	router->patterns = mem_zalloc(n * sizeof(*router->patterns));
	router->n_patterns = n;
	for (size_t i = 0; i < n; i++)
		pattern_init(&router->patterns[i], &rows[i]);
	for (size_t i = n; i-- > 0;)
		add(router, &router->patterns[i]);
	return router;
}

struct http_router *http_router_free(struct http_router *router)
{
	if (!router)
		return NULL;
	for (size_t i = 0; i < router->n_patterns; i++) {
		free(router->patterns[i].parts);
		free(router->patterns[i].memory);
	}
	free(router->patterns);
	free(router);
	return NULL;
}

/* In any case, as IIS matches paths; its clients rely on that. Most literals differ in their first letter. */
static bool literal_matches(const char *literal, const char *segment)
{
	return ((literal[0] ^ segment[0]) & ~0x20) == 0 && strcasecmp(literal, segment) == 0;
}

static bool pattern_matches(const struct http_pattern *pattern, const struct http_target *t)
{
	size_t n = pattern->n_parts;

	if (is_open(pattern) ? t->n_segments < n : t->n_segments != n)
		return false;
	/* Paths differ most at their end. */
	for (size_t i = n; i-- > 0;) {
		const struct part *part = &pattern->parts[i];
		const char *segment = http_target_segment(t, i);

		if (part->kind == PART_LITERAL && !literal_matches(part->text, segment))
			return false;
		if (part->kind == PART_PARAM && !segment[0])
			return false;
	}
	return true;
}

/* Both match the same path: as far as both go, their segments correspond. */
static bool more_literal(const struct http_pattern *a, const struct http_pattern *b)
{
	for (size_t i = 0; i < a->n_parts && i < b->n_parts; i++) {
		if (a->parts[i].kind != b->parts[i].kind)
			return a->parts[i].kind < b->parts[i].kind;
	}
	return false;
}

static const struct http_pattern *better(const struct http_pattern *best,
					 const struct http_pattern *pattern, const char *method,
					 const struct http_target *t)
{
	for (; pattern; pattern = pattern->next) {
		if (!pattern_matches(pattern, t) || strcmp(pattern->route->method, method) != 0)
			continue;
		if (!best || more_literal(pattern, best))
			best = pattern;
	}
	return best;
}

static const struct http_pattern *find(const struct http_router *router, const char *method,
				       const struct http_target *t)
{
	const struct http_pattern *best = better(NULL, router->of_length[t->n_segments], method, t);

	return better(best, router->open, method, t);
}

static const struct http_pattern *find_or_get(const struct http_router *router, const char *method,
					      const struct http_target *t)
{
	const struct http_pattern *pattern = find(router, method, t);

	if (!pattern && strcmp(method, "HEAD") == 0)
		pattern = find(router, "GET", t);
	return pattern;
}

/* Without the slash at its end. False: it does not end in one that could be left out. A pattern that ends in {name*} takes
 * the slash itself, so segments that are missing here are never asked for. */
static bool without_slash(const struct http_target *t, struct http_target *ret)
{
	size_t n = t->n_segments;

	if (n < 2 || http_target_segment(t, n - 1)[0])
		return false;
	*ret = *t;
	ret->n_segments--;
	return true;
}

const struct http_pattern *http_router_find(const struct http_router *router, const char *method,
					    const struct http_target *t)
{
	const struct http_pattern *pattern = find_or_get(router, method, t);
	struct http_target shorter;

	if (!pattern && without_slash(t, &shorter))
		pattern = find_or_get(router, method, &shorter);
	return pattern;
}

/* Add a method to a list that does not have it. The list is short: searching its text will do. */
static void allow_add(struct text *allow, const char *method)
{
	size_t n = strlen(method);

	for (const char *p = text_str(allow); (p = strstr(p, method)); p += n) {
		bool starts = p == text_str(allow) || p[-1] == ' ';

		if (starts && (p[n] == ',' || p[n] == '\0'))
			return;
	}
	text_addf(allow, "%s%s", allow->n ? ", " : "", method);
}

char *http_router_allow(const struct http_router *router, const struct http_target *t)
{
	struct text allow = TEXT_INIT;
	struct http_target shorter = *t;

	without_slash(t, &shorter);
	for (size_t i = 0; i < router->n_patterns; i++) {
		const struct http_pattern *pattern = &router->patterns[i];

		if (t->n_segments && !pattern_matches(pattern, t) &&
		    !pattern_matches(pattern, &shorter))
			continue;
		allow_add(&allow, pattern->route->method);
		if (strcmp(pattern->route->method, "GET") == 0)
			allow_add(&allow, "HEAD");
	}
	if (!allow.n)
		return NULL;
	allow_add(&allow, "OPTIONS");
	return text_take(&allow);
}

const struct http_route *http_pattern_route(const struct http_pattern *pattern)
{
	return pattern->route;
}

char *http_pattern_rest(const struct http_pattern *pattern, const struct http_target *t)
{
	size_t last = pattern->n_parts - 1;
	struct text joined = TEXT_INIT;

	if (pattern->parts[last].kind != PART_REST)
		return NULL;
	for (size_t i = last; i < t->n_segments; i++)
		text_addf(&joined, "%s%s", i > last ? "/" : "", http_target_segment(t, i));
	return text_take(&joined);
}

const char *http_pattern_param(const struct http_pattern *pattern, const struct http_target *t,
			       const char *name, const char *rest)
{
	for (size_t i = 0; i < pattern->n_parts; i++) {
		const struct part *part = &pattern->parts[i];

		if (part->kind != PART_LITERAL && strcmp(part->text, name) == 0)
			return part->kind == PART_REST ? rest : http_target_segment(t, i);
	}
	return NULL;
}

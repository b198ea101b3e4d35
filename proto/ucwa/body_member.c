/*
 * Members of UCWA request bodies
 */
#include "proto/ucwa/body_member.h"

#include "proto/diag.h"
#include "proto/text/chars.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"
#include "proto/ucwa/body.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

enum { MAX_DEPTH = 8 };

int body_refuse(struct ucwa_problem *problem, enum diag_code code, const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	va_list args;

	if (problem->n_parameters)
		return -EINVAL;
	va_start(args, fmt);
	text_vaddf(&message, fmt, args);
	va_end(args);
	problem->code = code;
	snprintf(problem->message, sizeof(problem->message), "%s", text_str(&message));
	return -EINVAL;
}

void ucwa_problem_add(struct ucwa_problem *problem, const char *name, const char *why)
{
	struct ucwa_bad_parameter *p = &problem->parameters[problem->n_parameters];

	if (problem->n_parameters == UCWA_MAX_PARAMETERS)
		return;
	if (!problem->n_parameters++) {
		problem->code = DIAG_BAD_PARAMETER;
		snprintf(problem->message, sizeof(problem->message), "%s %s", name, why);
	}
	p->name = name;
	snprintf(p->why, sizeof(p->why), "%s", why);
}

int body_refuse_member(struct ucwa_problem *problem, const char *name, const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	va_list args;

	va_start(args, fmt);
	text_vaddf(&why, fmt, args);
	va_end(args);
	ucwa_problem_add(problem, name, text_str(&why));
	return -EINVAL;
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if (chars_is_control(*s))
			return true;
	return false;
}

bool body_is_one_of(const char *s, const char *const *values)
{
	for (; *values; values++)
		if (!strcasecmp(s, *values))
			return true;
	return false;
}

int body_refuse_value(struct ucwa_problem *problem, const char *name, const char *must,
		      const char *const *values)
{
	CLEANUP(text_deinit) struct text list = TEXT_INIT;

	for (; *values; values++)
		text_add_all(&list, list.n ? ", " : "", *values);
	return body_refuse_member(problem, name, "%s %s.", must, text_str(&list));
}

static int check_string(const struct body_member *m, const char *s, struct ucwa_problem *problem)
{
	if (!*s && m->flags & BODY_REQUIRED)
		return body_refuse_member(problem, m->name, "must not be empty.");
	if (utf8_count(s) > m->max)
		return body_refuse_member(problem, m->name, "is longer than %zu characters.",
					  m->max);
	if (has_control(s))
		return body_refuse_member(problem, m->name, "must not have control characters.");
	if (m->values && !body_is_one_of(s, m->values))
		return body_refuse_value(problem, m->name, "must be one of", m->values);
	return 0;
}

/* The quotes of "Bob" <sip:bob@lab.test> are not around all of it. */
static size_t unquote(const char **s, size_t n)
{
	const char *second = n ? memchr(*s + 1, '"', n - 1) : NULL;

	if (n < 2 || **s != '"' || second != *s + n - 1)
		return n;
	++*s;
	return chars_trim(s, n - 2, " ");
}

char *body_sip_uri(const char *s)
{
	size_t n = chars_trim(&s, strlen(s), " "), n_scheme;
	const char *colon, *rest;

	n = unquote(&s, n);
	colon = memchr(s, ':', n);
	if (!colon)
		return mem_memdup(s, n);
	rest = colon + 1;
	n_scheme = chars_trim(&s, (size_t)(colon - s), " ");
	n = chars_trim(&rest, n - (size_t)(rest - s), " ");
	return text_format("%.*s:%.*s", (int)n_scheme, s, (int)n, rest);
}

static char *copy(const struct body_member *m, const char *s)
{
	return m->flags & BODY_SIP_URI ? body_sip_uri(s) : mem_strdup(s);
}

int body_get_member(struct json_object *o, const struct body_member *m, void *base,
		    struct ucwa_problem *problem)
{
	struct json_object *value;
	int n = json_in_member(o, m->name, &value), ret;

	if (n > 1)
		return body_refuse_member(problem, m->name, "must not occur more than once.");
	if (!value && m->flags & BODY_REQUIRED)
		return body_refuse_member(problem, m->name, "is missing.");
	if (!value)
		return 0;
	if (!json_object_is_type(value, json_type_string))
		return body_refuse_member(problem, m->name, "must be a string.");
	ret = check_string(m, json_object_get_string(value), problem);
	if (!ret)
		*(char **)(void *)((char *)base + m->offset) =
			copy(m, json_object_get_string(value));
	return ret;
}

int body_get_members(struct json_object *o, const struct body_member *members, size_t n, void *base,
		     struct ucwa_problem *problem)
{
	int err = 0;

	for (size_t i = 0; i < n; i++)
		if (body_get_member(o, &members[i], base, problem) < 0)
			err = -EINVAL;
	return err;
}

int body_parse(const void *p, size_t n, struct json_object **ret, struct ucwa_problem *problem)
{
	const char *why;

	*problem = (struct ucwa_problem){ 0 };
	if (!n)
		return body_refuse(problem, DIAG_BAD_JSON, "The request has no body.");
	if (json_in_object_lax(p, n, MAX_DEPTH, ret, &why) < 0)
		return body_refuse(problem, DIAG_BAD_JSON, "%s", why);
	return 0;
}

void body_put(struct json_object **o)
{
	json_object_put(*o);
}

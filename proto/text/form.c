/*
 * Forms
 */
#include "proto/text/form.h"

#include "proto/text/percent.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <errno.h>

void form_deinit(struct form *f)
{
	for (size_t i = 0; i < f->n_fields; i++) {
		free(f->fields[i].name);
		if (f->fields[i].value)
			explicit_bzero(f->fields[i].value, strlen(f->fields[i].value));
		free(f->fields[i].value);
	}
	*f = (struct form){ 0 };
}

const char *form_get(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->n_fields; i++)
		if (f->fields[i].name && !strcmp(f->fields[i].name, name))
			return f->fields[i].value;
	return NULL;
}

static const char *decode_part(const char *p, size_t n, char **ret)
{
	struct text text = TEXT_INIT;
	const char *why = NULL;

	if (percent_decode(&text, p, n, true) < 0)
		why = "A percent sign in the form is not followed by two hex digits.";
	else if (!utf8_is_text(text_str(&text), text.n))
		why = "The form is not UTF-8, or contains a NUL.";
	*ret = text_take(&text);
	return why;
}

static const char *decode_field(const char *p, size_t n, struct form *f)
{
	const char *equals = memchr(p, '=', n);
	size_t n_name = equals ? (size_t)(equals - p) : n;
	struct form_field *field;
	char *name;
	const char *why;

	if (!n)
		return NULL;
	if (f->n_fields == FORM_MAX_FIELDS)
		return "The form has too many fields.";
	why = decode_part(p, n_name, &name);
	if (!why && !*name)
		why = "A field of the form has no name.";
	if (!why && form_get(f, name))
		why = "A field of the form occurs twice.";
	field = &f->fields[f->n_fields++];
	*field = (struct form_field){ .name = name };
	if (why)
		return why;
	return decode_part(equals ? equals + 1 : p + n, equals ? n - n_name - 1 : 0, &field->value);
}

int form_decode(const void *p, size_t n, struct form *ret, const char **ret_why)
{
	const char *s = n ? p : "", *end = s + n;

	*ret = (struct form){ 0 };
	*ret_why = NULL;
	while (s < end && !*ret_why) {
		const char *stop = memchr(s, '&', (size_t)(end - s));

		*ret_why = decode_field(s, (size_t)((stop ? stop : end) - s), ret);
		s = stop ? stop + 1 : end;
	}
	if (!*ret_why)
		return 0;
	form_deinit(ret);
	return -EINVAL;
}

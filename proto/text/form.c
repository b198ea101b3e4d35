/*
 * Forms
 */
#include "proto/text/form.h"

#include "proto/text/content_type.h"
#include "proto/text/mem.h"
#include "proto/text/multipart.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <errno.h>
#include <strings.h>

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

/* ---- multipart/form-data (RFC 7578) ---- */

/* The name in Content-Disposition: form-data; name="username". */
static const char *name_of(const struct multipart_part *part, char **ret)
{
	char value[MULTIPART_FIELDS_SIZE];
	struct content_type_param p;
	const char *s = value;

	*ret = NULL;
	if (!multipart_field(part, "Content-Disposition", value) ||
	    strncasecmp(value, "form-data", 9) != 0)
		return "A part of the form is not form-data.";
	for (s += 9; !content_type_param(&s, &p);) {
		if (content_type_param_is(&p, "name") && !*ret)
			*ret = mem_memdup(p.value, p.n_value);
	}
	if (!*ret || !**ret)
		return "A field of the form has no name.";
	return utf8_is_text(*ret, strlen(*ret)) ? NULL
						: "The form is not UTF-8, or contains a NUL.";
}

static const char *decode_part_of(const struct multipart_part *part, struct form *f)
{
	char *name;
	const char *why = name_of(part, &name);

	if (!why && f->n_fields == FORM_MAX_FIELDS)
		why = "The form has too many fields.";
	if (!why && form_get(f, name))
		why = "A field of the form occurs twice.";
	if (!why && !utf8_is_text(part->p, part->n))
		why = "The form is not UTF-8, or contains a NUL.";
	if (why) {
		free(name);
		return why;
	}
	f->fields[f->n_fields++] =
		(struct form_field){ .name = name, .value = mem_memdup(part->p, part->n) };
	return NULL;
}

static const char *decode_multipart(const char *boundary, const void *p, size_t n, struct form *ret)
{
	struct multipart m;
	struct multipart_part part;
	const char *why = NULL;

	/* One more, so that the error is the form's. */
	if (multipart_init(&m, boundary, p, n, FORM_MAX_FIELDS + 1, &why))
		return why;
	while (!why && !multipart_next(&m, &part, &why))
		why = decode_part_of(&part, ret);
	return why;
}

static const char *decode_urlencoded(const void *p, size_t n, struct form *ret)
{
	const char *s = n ? p : "", *end = s + n;
	const char *why = NULL;

	while (s < end && !why) {
		const char *stop = memchr(s, '&', (size_t)(end - s));

		why = decode_field(s, (size_t)((stop ? stop : end) - s), ret);
		s = stop ? stop + 1 : end;
	}
	return why;
}

int form_decode(const char *content_type, const void *p, size_t n, struct form *ret,
		const char **ret_why)
{
	struct content_type type;

	*ret = (struct form){ 0 };
	if (content_type_is(content_type, FORM_CONTENT_TYPE)) {
		*ret_why = decode_urlencoded(p, n, ret);
	} else if (content_type_is(content_type, FORM_MULTIPART_TYPE) &&
		   !content_type_decode(content_type, &type, ret_why)) {
		*ret_why = decode_multipart(type.boundary, p, n, ret);
	} else {
		*ret_why = "The body must be a form in UTF-8: " FORM_CONTENT_TYPE
			   " or " FORM_MULTIPART_TYPE ".";
		return 1;
	}
	if (!*ret_why)
		return 0;
	form_deinit(ret);
	return -EINVAL;
}

/*
 * Formats of instant messages
 */
#include "proto/text/message_format.h"

#include "proto/text/html.h"
#include "proto/text/mem.h"
#include "proto/text/rtf.h"
#include "proto/text/text.h"

#include <strings.h>

/* The first of a format is our own spelling. */
static const struct {
	const char *type;
	enum message_format format;
} formats[] = {
	{ "text/plain", MESSAGE_PLAIN },
	{ "text/html", MESSAGE_HTML },
	{ "text/rtf", MESSAGE_RTF },
	{ "application/rtf", MESSAGE_RTF },
};

unsigned message_format_of(const char *content_type)
{
	size_t n = content_type ? strcspn(content_type, "; \t") : 0;

	for (size_t i = 0; n && i < ARRAY_SIZE(formats); i++)
		if (strlen(formats[i].type) == n && !strncasecmp(formats[i].type, content_type, n))
			return formats[i].format;
	return 0;
}

const char *message_format_type(enum message_format format)
{
	size_t i = 0;

	while (formats[i].format != format)
		i++;
	return formats[i].type;
}

void message_format_add_types(struct text *out, unsigned set, const char *separator)
{
	const char *before = "";

	for (unsigned format = MESSAGE_PLAIN; format <= MESSAGE_RTF; format <<= 1) {
		if (!(set & format))
			continue;
		text_add_all(out, before, message_format_type((enum message_format)format));
		before = separator;
	}
}

static void to_plain(struct text *out, unsigned format, const char *p, size_t n)
{
	if (format == MESSAGE_HTML)
		html_to_plain(out, p, n);
	else if (format != MESSAGE_RTF || rtf_to_plain(out, p, n))
		text_add_bytes(out, p, n);
}

void message_format_fit(struct message_text *m, unsigned reads, struct text *converted)
{
	unsigned format = message_format_of(m->content_type);
	struct text plain = TEXT_INIT;
	bool as_html = reads && !(reads & MESSAGE_PLAIN) && reads & MESSAGE_HTML;

	if (!format)
		format = MESSAGE_PLAIN;
	if (format & (reads ? reads : MESSAGE_PLAIN))
		return;
	to_plain(&plain, format, m->p, m->n);
	text_reset(converted);
	if (as_html)
		html_from_plain(converted, plain.data, plain.n);
	else
		text_add_bytes(converted, plain.data, plain.n);
	text_deinit(&plain);
	*m = (struct message_text){
		.content_type = message_format_type(as_html ? MESSAGE_HTML : MESSAGE_PLAIN),
		.p = text_str(converted),
		.n = converted->n,
	};
}

char *message_format_plain(const char *content_type, const char *p, size_t n)
{
	struct text plain = TEXT_INIT;

	if (!p)
		return NULL;
	to_plain(&plain, message_format_of(content_type), p, n);
	return text_take(&plain);
}

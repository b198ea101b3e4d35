/*
 * Formats of instant messages
 *
 * What a message is written in, and what somebody can read. Who cannot read a format gets the message in one that
 * he can: HTML and RTF as plain text, plain text as HTML.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct text;

/** Members of a set. */
enum message_format { MESSAGE_PLAIN = 1 << 0, MESSAGE_HTML = 1 << 1, MESSAGE_RTF = 1 << 2 };

/** The format of a media type, whatever its parameters and case; application/rtf counts as text/rtf. 0: it is no
 *  format of messages. */
unsigned message_format_of(const char *content_type);

/** "text/plain", "text/html" or "text/rtf". */
const char *message_format_type(enum message_format format);

/** Append the media types of a set, each with a separator in front but the first. */
void message_format_add_types(struct text *out, unsigned set, const char *separator);

/** A message, UTF-8 without NULs. */
struct message_text {
	const char *content_type;
	const char *p;
	size_t n;
};

/** Make the message one that a reader of these formats can read: if it is not that already, converted holds the text
 *  that m then points to. An empty set counts as MESSAGE_PLAIN, and so does an unknown type. */
void message_format_fit(struct message_text *m, unsigned reads, struct text *converted);

/** The message as one string for people; free() it. NULL for a p that is NULL. */
char *message_format_plain(const char *content_type, const char *p, size_t n);

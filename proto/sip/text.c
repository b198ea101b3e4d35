/*
 * SIP messages as text: the builder
 */
#include "proto/sip/text.h"

#include "proto/diag.h"
#include "proto/sip/line.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

#define ROOM 1500 /* for most messages */

static void deinit(struct sip_text *m)
{
	text_deinit(&m->text);
	*m = SIP_TEXT_INIT;
}

void sip_text_require(struct sip_text *m, bool ok, const char *sentence)
{
	if (!ok && !m->error)
		m->error = sentence;
}

static bool is_token(const char *s)
{
	const char *end = s;

	while (chars_is_token(*end))
		end++;
	return end > s && !*end;
}

void sip_text_check_word(struct sip_text *m, const char *s)
{
	const char *end = s;

	while (end && (chars_is_token(*end) || *end == '@' || *end == ':' || *end == '/'))
		end++;
	sip_text_require(m, s && end > s && !*end, "A tag or Call-ID is missing or malformed");
}

static bool is_uri(const char *s)
{
	return *s && chars_are_line(s) && !strpbrk(s, " \t<>\"");
}

void sip_text_start_request(struct sip_text *m, const char *method, const char *uri)
{
	sip_text_require(m, !m->text.n, "The message was started twice");
	sip_text_require(m, method && is_token(method), "The method is not a token");
	sip_text_require(m, uri && is_uri(uri),
			 "The request URI has characters that are not allowed in a URI");
	if (m->error)
		return;
	text_reserve(&m->text, ROOM);
	text_add_all(&m->text, method, " ", uri, " SIP/2.0\r\n");
}

void sip_text_start_answer(struct sip_text *m, int status, const char *phrase)
{
	char code[TEXT_NUMBER_SIZE];

	if (!phrase)
		phrase = diag_sip_phrase(status);
	sip_text_require(m, !m->text.n, "The message was started twice");
	sip_text_require(m, status >= 100 && status <= 699, "The status is out of range");
	sip_text_require(m, chars_are_line(phrase), "The reason phrase has control characters");
	if (m->error)
		return;
	text_reserve(&m->text, ROOM);
	text_add_all(&m->text, "SIP/2.0 ", text_number(code, (unsigned)status), " ", phrase,
		     "\r\n");
}

/* What is echoed may have a control character in a quoted pair (RFC 3261, 25.1). */
bool sip_text_is_value(const char *s)
{
	if (chars_are_line(s))
		return true;
	for (; *s; s++) {
		bool is_pair = *s == '\\' && s[1] && s[1] != '\r' && s[1] != '\n';

		if (chars_is_control(*s) && *s != '\t')
			return false;
		s += is_pair;
	}
	return true;
}

void sip_text_header(struct sip_text *m, const char *name, const char *value)
{
	if (!value)
		return;
	sip_text_require(m, m->text.n && !m->ended,
			 "A header was added outside the head of the message");
	sip_text_require(m, is_token(name), "The name of a header is not a token");
	sip_text_require(m, sip_text_is_value(value),
			 "The value of a header has control characters");
	if (!m->error)
		text_add_all(&m->text, name, ": ", value, "\r\n");
}

void sip_text_number(struct sip_text *m, const char *name, uint64_t value)
{
	char number[TEXT_NUMBER_SIZE];

	sip_text_header(m, name, text_number(number, value));
}

void sip_text_piece_list(struct sip_text *m, const char *name, const char *const *pieces)
{
	CLEANUP(mem_free_string) char *value = text_concat_list(pieces);

	sip_text_header(m, name, value);
}

static bool are_lines(const char *lines)
{
	const char *end = lines + strlen(lines);
	struct sip_line line;

	while (lines < end) {
		if (!sip_line_read(&lines, end, &line) || !line.n_name ||
		    chars_have_control(line.value, line.n_value))
			return false;
	}
	return true;
}

void sip_text_lines(struct sip_text *m, const char *lines)
{
	if (!lines)
		return;
	sip_text_require(m, m->text.n && !m->ended,
			 "A header was added outside the head of the message");
	sip_text_require(m, are_lines(lines), "The lines are not headers");
	if (!m->error)
		text_add(&m->text, lines);
}

void sip_text_body(struct sip_text *m, const void *p, size_t n)
{
	sip_text_require(m, m->text.n && !m->ended, "A body was added outside the message");
	if (m->error)
		return;
	text_add(&m->text, "\r\n");
	text_add_bytes(&m->text, p, n);
	m->ended = true;
}

int sip_text_finish(struct sip_text *m, struct text *ret, const char **ret_why)
{
	int r = -EINVAL;

	if (!m->ended)
		sip_text_body(m, NULL, 0);
	if (m->error) {
		*ret_why = m->error;
	} else {
		text_deinit(ret);
		*ret = m->text;
		m->text = TEXT_INIT;
		r = 0;
	}
	deinit(m);
	return r;
}

/*
 * Instant messages: the first byte says what the rest is. A message comes as its Content-Type, a line
 * feed, and its body.
 */
#include "proto/sip/im.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_message(const char *s, size_t n)
{
	const char *body = memchr(s, '\n', n);
	size_t n_type = body ? (size_t)(body - s) : n;
	size_t n_body = body ? n - n_type - 1 : 0;
	CLEANUP(mem_free_string) char *type = mem_memdup(s, n_type);
	CLEANUP(sip_im_body_deinit) struct sip_im_body b = { 0 };
	const char *why = NULL;

	body = body ? body + 1 : s + n;
	if (sip_im_decode(type, body, n_body, (unsigned)n_body % 8, &b, &why)) {
		assert(why && !b.p);
		return;
	}
	assert(b.n == 0 || b.p == b.own.data || (b.p >= body && b.p + b.n <= body + n_body));
	assert(utf8_is_text(b.p, b.n));
	assert(!strncmp(b.content_type, "text/", 5));
}

static void check_first_line(const char *value)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct sip_im_first_line f, again;
	const char *why = NULL;

	if (sip_im_first_line_decode(value, 1000, &f, &why)) {
		assert(why && !f.text);
		return;
	}
	if (f.text) {
		assert(f.n <= 1000 && strlen(f.text) == f.n);
		sip_im_first_line_encode(&t, f.content_type, f.text, f.n);
		assert(!sip_im_first_line_decode(text_str(&t), 1000, &again, &why));
		assert(again.n == f.n && !memcmp(again.text, f.text, f.n));
		sip_im_first_line_deinit(&again);
	}
	sip_im_first_line_deinit(&f);
}

static void check_typing(const char *p, size_t n)
{
	const char *why = NULL;
	bool typing;

	assert(!sip_im_typing_decode(p, n, &typing, &why) || why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *s = NULL;

	if (!size)
		return 0;
	s = mem_memdup(data + 1, size - 1);
	if (data[0] == 'f')
		check_first_line(s);
	else if (data[0] == 'k')
		check_typing(s, size - 1);
	else
		check_message(s, size - 1);
	return 0;
}

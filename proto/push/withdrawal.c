/*
 * Withdrawal
 */
#include "proto/push/withdrawal.h"

#include "proto/text/text.h"
#include "proto/text/xml.h"

#include <errno.h>
#include <string.h>

enum { MAX_BYTES = 1024 };

void withdrawal_encode(struct text *out, const char *push)
{
	text_add(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
		      "<withdrawal xmlns=\"" WITHDRAWAL_NAMESPACE "\"><push>");
	text_add_xml(out, push);
	text_add(out, "</push></withdrawal>");
}

static const char *on_start(void *magic, const struct xml_element *e)
{
	(void)magic;
	if (e->depth == 1 && !xml_is(e, WITHDRAWAL_NAMESPACE, "withdrawal"))
		return "The document is not a withdrawal";
	return NULL;
}

static const char *on_end(void *magic, const struct xml_element *e)
{
	char *push = magic;

	if (e->depth != 2 || !xml_is(e, WITHDRAWAL_NAMESPACE, "push"))
		return NULL;
	if (*push)
		return "The withdrawal names two pushes";
	if (e->n_text != WITHDRAWAL_ID_SIZE - 1 || memchr(e->text, '\0', e->n_text))
		return "The withdrawal does not name a push by its id";
	memcpy(push, e->text, e->n_text);
	push[e->n_text] = '\0';
	return NULL;
}

int withdrawal_decode(const void *p, size_t n, char ret_push[WITHDRAWAL_ID_SIZE],
		      const char **ret_why)
{
	const struct xml_reader reader = {
		.max_bytes = MAX_BYTES, .on_start = on_start, .on_end = on_end, .magic = ret_push
	};
	int r;

	*ret_push = '\0';
	r = xml_read(p, n, &reader, ret_why);
	if (r == 0 && !*ret_push) {
		*ret_why = "The withdrawal names no push";
		r = -EINVAL;
	}
	return r;
}

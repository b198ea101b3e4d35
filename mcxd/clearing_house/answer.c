/*
 * Clearing house: answering a request
 *
 * Answers are written as text of our own, because the real clearing house has its own order and spelling
 * of headers, which sofia would not keep.
 */
#include "mcxd/clearing_house/answer.h"

#include "mcxd/base/log.h"
#include "mcxd/base/random.h"
#include "mcxd/clearing_house/private.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/sip/text_answer.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/msg.h>
#include <sofia-sip/sip_header.h>
#include <stdbool.h>

enum { TAG_BYTES = 5 };

/* Appends the value of a header with the sender's own spelling. Returns false if sofia has not kept it, or
 * if it is folded. */
static bool add_original(struct text *out, const sip_header_t *h)
{
	const char *p = h->sh_data;
	const char *end = p ? p + h->sh_len : NULL;
	const char *colon = p ? memchr(p, ':', h->sh_len) : NULL;

	if (!colon)
		return false;
	for (p = colon + 1; p < end && (*p == ' ' || *p == '\t');)
		p++;
	while (end > p && strchr("\r\n \t", end[-1]))
		end--;
	if (memchr(p, '\n', (size_t)(end - p)))
		return false;
	text_add_bytes(out, p, (size_t)(end - p));
	return true;
}

/* The value of a header as it came, else as sofia writes it; NULL for NULL. */
static const char *value_of(const void *header, struct text *buffer)
{
	if (!header)
		return NULL;
	if (!add_original(buffer, header))
		agent_add_field(buffer, header);
	return text_str(buffer);
}

/* Inserts header lines in front of the empty line that ends the message. */
static void insert_headers(struct text *message, const char *headers)
{
	if (!headers || message->n < 2)
		return;
	message->n -= 2;
	text_add(message, headers);
	text_add(message, "\r\n");
}

static int build_answer(struct text *ret, nta_incoming_t *irq, const sip_t *sip,
			const struct diag *diag, const char *headers)
{
	CLEANUP(text_deinit) struct text vias = TEXT_INIT;
	CLEANUP(text_deinit) struct text from = TEXT_INIT;
	CLEANUP(text_deinit) struct text to = TEXT_INIT;
	CLEANUP(text_deinit) struct text cseq = TEXT_INIT;
	CLEANUP(text_deinit) struct text type = TEXT_INIT;
	char tag[2 * TAG_BYTES + 1];
	const char *via, *why = NULL;
	struct sip_clearing_house_answer answer = {
		.request = {
			.vias = &via,
			.n_vias = 1,
			.from = value_of(sip->sip_from, &from),
			.to = value_of(sip->sip_to, &to),
			.call_id = sip->sip_call_id->i_id,
			.cseq = value_of(sip->sip_cseq, &cseq),
		},
		.to_tag = tag,
		.content_type = value_of(sip->sip_content_type, &type),
		.verified = true,
		.diag = *diag,
	};

	agent_add_received_vias(irq, &vias);
	via = text_str(&vias);
	random_hex(TAG_BYTES, tag);
	if (sip_text_clearing_house_answer(ret, &answer, &why) < 0) {
		log_warn("clearing_house", sip->sip_call_id->i_id, "cannot build the answer: %s",
			 why);
		return -EINVAL;
	}
	insert_headers(ret, headers);
	return 0;
}

void clearing_house_answer(struct clearing_house *house, nta_incoming_t *irq,
			   const struct diag *diag, const char *headers)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	msg_t *request = nta_incoming_getrequest(irq);
	int err =
		request ? build_answer(&message, irq, sip_object(request), diag, headers) : -EINVAL;

	msg_destroy(request);
	if (!err)
		err = agent_reply_text(house->agent, irq, &message);
	/* Not every request has headers that can be echoed; the status is answered all the same. */
	if (err)
		agent_reply(house->agent, irq, diag->sip_status, NULL, headers);
	else
		nta_incoming_destroy(irq);
}

/*
 * Transport: requests that are held
 *
 * By a fault, or by their owner: the bytes are kept, and delivered again when it is time. A repetition of what is held is not
 * another request.
 */
#include "mcxd/sip/struck.h"
#include "mcxd/sip/tport.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/list.h"
#include "mcxd/net/address.h"
#include "mcxd/sip/transport.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/sip_header.h>

/* A client has given it up after 64 * T1 (RFC 3261 17.1.1.2 and 17.1.2.2). */
enum { SILENCE_MS = 64 * NTA_SIP_T1 };

static void let_go(struct struck *s, bool goes_on)
{
	struct text bytes = s->bytes;
	const struct address from = s->from;
	struck_again_h *again = s->again;
	tport_t *tp = tport_ref(s->tport);

	s->bytes = (struct text)TEXT_INIT;
	struck_free(s);
	if (goes_on)
		again(tp, &from, bytes.data, bytes.n);
	text_deinit(&bytes);
	tport_unref(tp);
}

/* What would be too much to hold is not. */
static struct struck *keep(struct tport_s *tp, const struct address *from, const struct text *bytes,
			   const sip_t *sip, const struct fault_strike *strike,
			   struck_again_h *again)
{
	struct transport *t = tp->master;
	struct struck *s;

	if ((int64_t)list_length(&t->struck) >= t->config->max_repeatable)
		return NULL;
	s = struck_new(&t->struck, tp, sip, strike);
	s->from = *from;
	s->again = again;
	text_add_bytes(&s->bytes, text_str(bytes), bytes->n);
	return s;
}

/* ---- by faults ---- */

static void on_over(void *magic, enum fault_over how)
{
	struct struck *s = magic;

	let_go(s,
	       how == FAULT_MENDED || (how == FAULT_TIME_IS_UP && s->strike.what == FAULT_DELAY));
}

void transport_hold_struck(struct tport_s *tp, const struct address *from, const struct text *bytes,
			   const sip_t *sip, const struct fault_strike *strike,
			   struck_again_h *again)
{
	struct struck *s = keep(tp, from, bytes, sip, strike, again);

	if (s)
		faults_hold(tp->master->config->faults, &s->hold, strike,
			    strike->what == FAULT_DELAY ? strike->ms : SILENCE_MS, on_over, s);
}

/* ---- by the owner ---- */

bool transport_sender(const struct tport_s *master, struct address *ret)
{
	const struct delivery *d = &master->master->delivery;

	return d->tport && address_from_sockaddr(&msg_addr(mem_no_const(d->msg))->su_sa,
						 sizeof(su_sockaddr_t), ret);
}

struct struck *transport_hold(const tport_t *master, void (*on_gone)(void *magic), void *magic)
{
	static const struct fault_strike none = { .what = N_FAULT_WHATS };
	const struct delivery *d = &master->master->delivery;
	const struct text bytes = { .data = mem_no_const(d->bytes), .n = d->n };
	struct struck *s = NULL;
	struct address from;

	if (transport_sender(master, &from))
		s = keep(d->tport, &from, &bytes, sip_object(d->msg), &none, d->again);
	if (!s)
		return NULL;
	s->on_gone = on_gone;
	s->magic = magic;
	return s;
}

void transport_let_go(struct struck *s)
{
	s->on_gone = NULL;
	let_go(s, true);
}

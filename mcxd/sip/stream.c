/*
 * Agent: when a connection is read from, and when it ends
 *
 * sofia keeps reading from a peer that does not read: its answers pile up, a thousand of them are queued and the
 * others dropped, but the transactions of dropped ones remain. Here we stop reading from such a peer until it has
 * read what is queued for it. That goes for accepted connections only: if both ends of a connection did so, each
 * would wait for the other.
 *
 * sofia also closes a connection after the answer to a request that breaks SIP's rules, even if it knows where the
 * next message begins; everyone who shares the connection, such as the users behind a proxy, would be cut off. And
 * if it does not know, it stops reading and leaves the connection open.
 */
#include "mcxd/sip/connection.h"

#include "mcxd/base/interpose.h"
#include "mcxd/sip/private.h"

#include <sofia-sip/tport_tag.h>

static int stall(tport_t *tp)
{
	static typeof(tport_stall) *original;

	INTERPOSE_ORIGINAL(original, "tport_stall");
	return original(tp);
}

/* sofia does not know where the next message begins. */
int tport_stall(tport_t *self)
{
	struct connection *c = connection_find(self);

	if (c && !c->lost) {
		c->lost = true;
		connection_trouble(c);
	}
	return stall(self);
}

/* how is 1 after the last answer of a connection. */
int tport_shutdown0(tport_t *self, int how)
{
	static typeof(tport_shutdown0) *original;
	const struct connection *c = how == 1 ? connection_find(self) : NULL;

	INTERPOSE_ORIGINAL(original, "tport_shutdown0");
	if (!c || !c->framed)
		return original(self, how);
	/* The answer was sent as the last one: allow more. */
	tport_set_params(self, TPTAG_REUSE(1), TAG_END());
	return 0;
}

void stream_received(struct connection *c)
{
	if (!c->accepted || c->paused || tport_queuelen(c->tport) == 0)
		return;
	c->paused = true;
	connection_trouble(c);
	stall(c->tport);
}

void stream_continue(struct connection *c)
{
	c->paused = false;
	c->heard = true; /* it could not be heard while it was paused */
	tport_continue(c->tport);
}

void stream_sent(struct connection *c)
{
	/* The message being sent is still the first of the queue. */
	if (c->paused && tport_queuelen(c->tport) <= 1)
		stream_continue(c);
}

void stream_answers(struct agent *a, nta_incoming_t *irq)
{
	tport_t *tp = nta_incoming_transport(a->nta, irq, NULL);
	struct connection *c;

	if (tp && tport_queuelen(tp) >= (isize_t)a->max_unread && (c = connection_find(tp)) &&
	    !c->overrun) {
		c->overrun = true;
		connection_trouble(c);
	}
	tport_unref(tp);
}

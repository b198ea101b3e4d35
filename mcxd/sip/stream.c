/*
 * Agent: when a connection is read from, and when it ends
 *
 * sofia reads on from a peer that does not read: its answers pile up, a thousand of them are kept and the
 * others dropped, and of what was dropped everything else stays. Here such a peer is not read from until
 * it has taken what waits for it. That holds for connections that were accepted only: if both ends of one did
 * so, each would wait for the other.
 *
 * It also ends a connection with the answer to a request that breaks SIP's rules, even where it knows well
 * where the next message begins; and whoever shares that connection, as the users behind a proxy do, would
 * go with it. And where it does not know, it stops reading and leaves the connection as it is.
 */
#include "mcxd/sip/connection.h"

#include <sofia-sip/tport_tag.h>

static int stall(tport_t *tp)
{
	static typeof(tport_stall) *original;

	INTERPOSE_ORIGINAL(original, "tport_stall");
	return original(tp);
}

/* sofia says that it has lost the thread. */
int tport_stall(tport_t *self)
{
	struct connection *c = connection_find(self);

	if (c && !c->lost) {
		c->lost = true;
		connection_trouble(c);
	}
	return stall(self);
}

/* how: 1 after an answer that is to be the last one. */
int tport_shutdown0(tport_t *self, int how)
{
	static typeof(tport_shutdown0) *original;
	const struct connection *c = how == 1 ? connection_find(self) : NULL;

	INTERPOSE_ORIGINAL(original, "tport_shutdown0");
	if (!c || !c->framed)
		return original(self, how);
	/* The answer has been sent as one after which nothing more is. */
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
	c->heard = true; /* what came meanwhile could not be read */
	tport_continue(c->tport);
}

void stream_sent(struct connection *c)
{
	/* What is being sent is the first of the queue still. */
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

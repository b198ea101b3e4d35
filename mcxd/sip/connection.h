/*
 * Agent: TCP connections
 *
 * What is known of each beside sofia's transport object.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/sip/private.h"

struct connection {
	struct list of_agent; /* fresh, proven or troubled */
	struct list of_bucket;
	struct agent *agent;
	tport_t *tport;
	int fd;
	bool accepted;
	bool framed;  /* where the last message ended is known, and the next begins */
	bool heard;   /* a complete message since the last look */
	bool paused;  /* not read from, for its peer does not read */
	bool lost;    /* sofia does not read it any more: it does not know where a message begins */
	bool overrun; /* more than may wait for its peer */
	int64_t since_ms;
	int64_t heard_ms;      /* of the last complete message */
	uint64_t in_messages;  /* bytes of complete messages */
	uint64_t excused;      /* bytes that were in none and are accounted for */
	int64_t trouble_ms;    /* since when nothing has become better */
	uint64_t acknowledged; /* bytes that the peer had by then */
};

/** NULL for what is no connection of an agent. */
struct connection *connection_find(const tport_t *tp);

/** Put it among those that are looked at first. */
void connection_trouble(struct connection *c);

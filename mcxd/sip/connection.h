/*
 * Agent: TCP connections
 *
 * What we know about each besides sofia's transport object.
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
	bool framed;  /* we know where the last message ended */
	bool heard;   /* a complete message since the last check */
	bool paused;  /* not read from, because its peer does not read */
	bool lost;    /* sofia stopped reading: it does not know where a message begins */
	bool overrun; /* more is waiting for its peer than the limit */
	int64_t since_ms;
	int64_t heard_ms;      /* of the last complete message */
	uint64_t in_messages;  /* bytes of complete messages */
	uint64_t excused;      /* bytes in no message that were tolerated */
	int64_t trouble_ms;    /* since when nothing has improved */
	uint64_t acknowledged; /* bytes that the peer had received by then */
};

/** NULL if tp is not a connection of any agent. */
struct connection *connection_find(const tport_t *tp);

/** Put it among those that are checked first. */
void connection_trouble(struct connection *c);

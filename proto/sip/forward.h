/*
 * SIP messages in transit
 *
 * What a stateful proxy does to the text of a message (RFC 3261, 16.6 and 16.7): it takes a hop off
 * Max-Forwards and adds or removes its own Via. Max-Forwards comes behind that Via and before the others, as Microsoft's proxies
 * write it. The sender's Via says where the request really came from (via.h). Every other byte goes on as it came, in the same order, spelling and folding, so that a trace on the far side shows what
 * the sender wrote.
 */
#pragma once

#include "proto/sip/via.h"
#include "proto/text/text.h"

#include <stddef.h>

struct sip_forward_via {
	const char *own;              /* value of the proxy's own Via, put above the others */
	struct sip_via_source source; /* of the request: what the sender's Via is completed with */
	const char *
		target; /* the new Request-URI (RFC 3261, 16.6, step 2); the way that has led here, credentials and the
			       identity that is asserted are left out. NULL: all of it stays */
};

/** Append a request of n bytes as it goes on. Returns 0; 1 if Max-Forwards is 0 (answer 483); -EINVAL if
 *  a header is malformed or there is no Via. */
int sip_forward_request(struct text *out, const char *p, size_t n,
			const struct sip_forward_via *via);

/** Append an answer of n bytes without its topmost Via and without ms-asserted-verification-level and
 *  ms-edge-proxy-message-trust, which are said anew by one more header line at the end of the head. Returns 0, or -EINVAL as above. */
int sip_forward_answer(struct text *out, const char *p, size_t n, const char *line);

/** The same without any Via, for those of the request to be put in, and without what is between its sender and us:
 *  Authentication-Info, an asserted identity and Record-Route. */
int sip_forward_bare_answer(struct text *out, const char *p, size_t n);

/*
 * Torture messages
 *
 * The 49 messages of RFC 4475 and the 12 of RFC 5118, byte for byte in torture/NAME.sip, and what this front end answers to each:
 * over UDP from the address that its Via names, and over TCP, whatever transport the Via names.
 *
 * Of three messages of RFC 5118 (ipv6-in-sdp, mult-ip-in-sdp, ipv4-mapped-ipv6) the Content-Length that is printed there is not that
 * of the body; here it is, because none of them is about it.
 */
#pragma once

#include <stdbool.h>

enum { N_RFC_4475 = 49, N_RFC_5118 = 12, N_TORTURE_ROWS = N_RFC_4475 + N_RFC_5118 };

/** What becomes of the connection that it came by. */
enum torture_end {
	LIVES,  /* the next request is served */
	CLOSES, /* where it ends is not known, or what follows is not SIP */
	WAITS,  /* for the rest of the body, and is served when that has come */
};

/** What the RFC says. */
enum torture_verdict {
	VALID,
	INVALID, /* must be refused, or ignored if it is a response */
	ODD,     /* may be refused, or is served by those who can make something of it */
};

struct torture_row {
	const char *name;
	const char *section; /* RFC and section */
	const char *about;   /* what is special, and what the RFC wants */
	const char *has;     /* the answer has this text */
	enum torture_verdict verdict;
	enum torture_end end;
	int udp, tcp;  /* the final status; 0: no answer */
	unsigned port; /* of the Via; 0: 5060 */
};

extern const struct torture_row torture_rows[N_TORTURE_ROWS];

/*
 * Raw peers for loop tests: plain sockets that send what the test writes, so that our code does not judge its own
 * work.
 */
#pragma once

#include "proto/text/mem.h"
#include "proto/text/text.h"

struct loop;

struct raw {
	struct loop *loop;
	struct text in; /* received and not taken yet */
	int fd;
	bool stream;
	bool closed;    /* the other side has closed */
	char local[64]; /* "127.0.0.1:5062", "[::1]:5062" */
};

/** Connected to "127.0.0.1:5060" or "[::1]:5060", which must work. */
void raw_tcp(struct raw *r, struct loop *l, const char *to);
/** The same from another address of ours, "127.0.0.2:0". */
void raw_tcp_from(struct raw *r, struct loop *l, const char *from, const char *to);
void raw_udp(struct raw *r, struct loop *l, const char *to);
/** The same from another address of ours, "127.0.0.2:5060". */
void raw_udp_from(struct raw *r, struct loop *l, const char *from, const char *to);
/** A bound UDP socket; it sends to the peer that it last received from. */
void raw_bound_udp(struct raw *r, struct loop *l);
/** Bind and listen; accept with raw_accept() after a peer has connected. Returns the socket. */
int raw_listen(char local[32]);
/** The same at another address of ours, "127.0.0.2:0". */
int raw_listen_at(const char *address, char local[32]);
void raw_accept(struct raw *r, struct loop *l, int listener);
void raw_close(struct raw *r);

void raw_send(struct raw *r, const char *bytes, size_t n);
/** Send what printf() would print, with CRLF for every "\n". */
void raw_sendf(struct raw *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** Take in what has come, without running the loop. */
void raw_poll(struct raw *r);
/** Run the loop until a whole SIP message is there, and take it; NULL after five seconds without
 * one, or when the other side has closed. free() it. */
char *raw_take(struct raw *r);
/** Take one and check how its first line begins. free() it. */
char *raw_expect(struct raw *r, const char *start);
/** The same, skipping messages that begin otherwise. */
char *raw_skip_to(struct raw *r, const char *start);
/** Run the loop for this many rounds of a millisecond, and check that nothing was received. */
void raw_expect_silence(struct raw *r, int rounds);
/** Run the loop until the other side has closed, for at most five seconds. */
bool raw_wait_closed(struct raw *r);

/** Value of the nth header (0: first) of this name as it is spelled, in a static buffer; NULL:
 * none. */
const char *sip_header(const char *message, const char *name, int nth);
/** Whether the message has exactly this header line. */
bool sip_has_line(const char *message, const char *line);
/** ";tag=" of a From or To; in a static buffer. */
const char *sip_tag(const char *message, const char *header);
const char *sip_body(const char *message);

/** Run rounds until *flag is true, for at most five seconds. */
bool run_until(struct loop *l, const bool *flag);
/** Run this many rounds of a millisecond. */
void run_rounds(struct loop *l, int rounds);

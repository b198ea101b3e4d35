/*
 * Agent
 *
 * The bare SIP transport: an NTA agent with its listeners, a tap that records every message as it
 * is on the wire in the journal, and a watchdog for connections that carry no SIP. Knows nothing of
 * core.
 */
#pragma once

#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "proto/text/text.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/sip.h>

struct agent;

struct agent_config {
	const char *udp; /* "127.0.0.1:5060", port 0 picks one, NULL or "" is off */
	const char *tcp;
	int64_t udp_buffer_bytes; /* what may wait in the kernel; 0: its own default */
	int64_t max_connections;  /* TCP, at once; more are closed */
	int64_t max_message_bytes;
	int64_t first_message_timeout_ms; /* a connection without a complete request is closed */
	int64_t max_transactions;         /* server transactions at once; more get 503 */
	int64_t max_unread;               /* messages that wait for a peer that does not read */
	int64_t unread_timeout_ms;        /* a peer that has not read for so long is closed */
};

/** A request outside any dialog. Takes over irq. */
typedef void agent_request_h(void *magic, nta_incoming_t *irq, const sip_t *sip);

/** The hop (as in struct record) that is at the other end of this message; written to ret,
 * of size n. sent: we sent it. */
typedef void agent_peer_h(void *magic, const sip_t *sip, bool sent, char *ret, size_t n);

struct agent_args {
	struct loop *loop;
	struct journal *journal; /* NULL: no tap */
	struct metrics *metrics;
	const char *hop;    /* who we are in the journal: "front-end" */
	const char *server; /* Server header of what the stack answers itself */
	const struct agent_config *config;
	agent_request_h *on_request;
	agent_peer_h *name_peer; /* may be NULL: the AoR of the other side */
	void *magic;
};

/** Returns 0, or a negative errno; what failed (which listener) is logged. */
int agent_new(const struct agent_args *args, struct agent **ret_agent);
struct agent *agent_free(struct agent *a);

nta_agent_t *agent_nta(const struct agent *a);

/** "127.0.0.1:5060" of a listener as it is, or "". */
const char *agent_udp(const struct agent *a);
const char *agent_tcp(const struct agent *a);

/** Answer with a status, a standard or given phrase and further header lines ("Name: value\r\n…",
 *  checked against injection). */
void agent_answer(struct agent *a, nta_incoming_t *irq, int status, const char *phrase,
		  const char *headers);
/** The same, and destroy the transaction. */
void agent_reply(struct agent *a, nta_incoming_t *irq, int status, const char *phrase,
		 const char *headers);

/** Answer with our own text, from the status line to the body, as it is to appear on the wire. Where it has
 *  no Via the Vias of the request, and its Record-Route, are put in; it has a tag in To. Does not destroy
 *  the transaction. Returns 0 or a negative errno. */
int agent_reply_text(struct agent *a, nta_incoming_t *irq, const struct text *message);

/** The same with an answer that somebody else has written, to our copy of the request; our Via is out. */
int agent_forward_answer(struct agent *a, nta_incoming_t *irq, const struct text *message);

/** Append the value of a header that sofia has parsed, however long it is. */
void agent_add_field(struct text *out, const void *header);

/** Value of a header that sofia does not know, or NULL. No message (NULL) has none. */
const char *agent_other_header(const sip_t *sip, const char *name);

/** Append the Vias of a request, top first, joined by commas: the value of a Via header. And its
 *  Record-Routes; nothing when there are none. */
void agent_add_vias(const sip_t *request, struct text *out);
void agent_add_record_routes(const sip_t *request, struct text *out);

/** The bytes of the message that has come in last, as they were on the wire. Within on_request, or in
 *  the callback of a transaction whose answer is not of sofia's own making, that is the one in hand.
 *  Valid until something is sent. */
const char *agent_received(const struct agent *a, size_t *ret_n);

/** Send a request of our own text to route_url ("sip:127.0.0.1:5061;transport=tcp"); sofia puts its
 *  Via in front. NULL when it cannot be sent. */
nta_outgoing_t *agent_send_text(struct agent *a, const char *route_url, const struct text *message,
				nta_response_f *on_response, void *magic);

/** The same for a message whose first Via is ours, made with agent_add_via(). */
nta_outgoing_t *agent_forward_text(struct agent *a, const char *route_url,
				   const struct text *message, nta_response_f *on_response,
				   void *magic);

/** Send a request that was sent before once more, as a transaction of its own, to another route (RFC 3263,
 *  4.3). orq stays the caller's. NULL when it cannot be sent. */
nta_outgoing_t *agent_send_again(struct agent *a, nta_outgoing_t *orq, const char *route_url,
				 nta_response_f *on_response, void *magic);

/** Append the value of a Via of ours with a fresh branch; parameters may follow. */
void agent_add_via(const struct agent *a, struct text *out);

/** The route to a next hop that a setting names: TCP unless its URI says otherwise, port 5060 unless it
 *  says one. Returns 0, -EINVAL when it is no SIP URI, or -EHOSTUNREACH when its host is a name: names
 *  are not looked up here, for sofia's own resolver asks no hosts file. */
int agent_make_route(const char *next_hop, struct text *ret);

/** The route to the numeric address of a Contact; udp is the transport of one that says none. As above, and
 *  -EPROTONOSUPPORT when it is to be reached by a transport that has no listener here. */
int agent_contact_route(const struct agent *a, const char *contact, bool udp, struct text *ret);

/** Whether there are as many server transactions as there may be. Counts the refusal that follows. */
bool agent_is_overloaded(struct agent *a);
/** Whether this request is longer than one may be. */
bool agent_is_too_large(const struct agent *a, nta_incoming_t *irq);

/** A URL as sofia takes strings for it; its own macro casts the const away. */
static inline const url_string_t *agent_url(const char *s)
{
	return (const url_string_t *)(const void *)s;
}

/** "sip:address:port;transport=tcp" of where a request came from. */
void agent_source(const struct agent *a, nta_incoming_t *irq, struct text *ret);

/*
 * Agent
 *
 * The bare SIP stack: sofia's transactions on our transport, and a tap that records every message in the journal as
 * it is on the wire. Knows nothing of core.
 */
#pragma once

#include "mcxd/base/fault.h"
#include "proto/diag.h"
#include "proto/sip/uri.h"
#include "proto/text/text.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/sip.h>

struct address;
struct agent;
struct journal;
struct metrics;
struct sip_line;
struct stack;
struct tls_context;

struct agent_config {
	const char *udp; /* "127.0.0.1:5060", port 0 picks one, NULL or "" is off */
	const char *tcp;
	const char *tls;
	const char *
		trusted_peers; /* addresses and networks of those who are trusted without a certificate; NULL: none */
	int64_t udp_buffer_bytes;         /* receive buffer in the kernel; 0: its default */
	int64_t max_connections;          /* at once; others are closed */
	int64_t max_connections_per_peer; /* from one address; 0: no limit of its own */
	int64_t max_message_bytes;
	int64_t max_transactions;     /* server transactions at once; other requests get 503 */
	int64_t max_unsent_bytes;     /* queued for a peer that does not read */
	int64_t handshake_timeout_ms; /* to connect, and for the TLS handshake */
	int64_t message_timeout_ms;   /* for a complete message */
	int64_t unread_timeout_ms;    /* close a connection whose peer does not read this long */
	int64_t idle_timeout_ms; /* close a connection on which nothing came this long; 0: never */
};

/** A request outside any dialog. Takes over irq. */
typedef void agent_request_h(void *magic, nta_incoming_t *irq, const sip_t *sip);

/** What only the agent's owner knows of a message. */
struct agent_about {
	char peer[256]; /* the hop (as in struct record) at the other end; "": its AoR */
	bool is_push;   /* it is about nobody but the owner of the phone, whom From names */
	int64_t deadline_us; /* when what it answers provisionally ends, by the lab's calendar; 0: unknown */
};

/** Fill in ret, which is zeroed. sent: we sent the message. */
typedef void agent_about_h(void *magic, const sip_t *sip, bool sent, struct agent_about *ret);

/** Where a connection that we have opened leads to. */
struct agent_end {
	const char *host; /* as its certificate names it */
	unsigned port;
};

/** Whether that is a next hop that a setting names, see agent_leads_to(). */
typedef bool agent_next_hop_h(const void *magic, const struct agent_end *end);

/** What becomes of a request outside any dialog. */
enum agent_admission { AGENT_ADMITTED, AGENT_REFUSED, AGENT_HELD };

struct agent_refusal {
	int status;
	struct text headers; /* whole lines */
};

/** Asked before a transaction is made for such a request, since nobody is owed one who has not shown who he is (RFC 3261 8.2.7).
 *  Fills in ret, which is empty, for AGENT_REFUSED; AGENT_HELD: agent_hold() has taken it. */
typedef enum agent_admission agent_admit_h(void *magic, const sip_t *sip,
					   struct agent_refusal *ret);

/** Who signs what is sent. All of it NULL: nobody. */
struct agent_signer {
	/** Whether a message to this peer, a mark as in struct agent_sender, is signed. */
	bool (*signs)(const void *magic, const sip_t *sip, uint64_t peer);
	/** Append header lines to go behind the first line of such a message. */
	void (*sign)(void *magic, const sip_t *sip, uint64_t peer, const struct text *bytes,
		     struct text *ret_lines);
};

struct agent_args {
	struct stack *stack;
	struct tls_context *tls_server; /* of config->tls; NULL: it must be off */
	struct tls_context *tls_client; /* NULL: nothing is sent by TLS */
	struct journal *journal;        /* NULL: nothing is recorded, nor logged about peers */
	struct metrics *metrics;
	struct faults *faults; /* that may strike requests at `joint`; may be NULL */
	enum fault_joint joint;
	const char *hop;    /* our name in the journal: "front-end" */
	const char *server; /* Server header of answers that the stack makes */
	const char *name;   /* in metrics; NULL: hop */
	const char *
		connects_from; /* with no listener: the address that Vias name where no connection's is known; else NULL */
	uint32_t *
		instances; /* counts the hop's messages, by all of its agents; NULL: this one is its only one */
	bool takes_merged; /* a request that comes again by another way is not answered 482: it goes to a proxy, or to one who knows
			      better which are the same (RFC 3261, 8.2.2.2) */
	const struct agent_config *config;
	agent_request_h *on_request;
	agent_admit_h *admit; /* NULL: all are */
	struct agent_signer signer;
	agent_about_h *about; /* NULL: nothing is known */
	agent_next_hop_h *
		is_next_hop; /* what comes by TLS from those is trusted (proto/sip/trust.h); NULL: there are none */
	void *magic;
};

/** Returns 0, or a negative errno; the cause (which listener) is logged. */
int agent_new(const struct agent_args *args, struct agent **ret_agent);
struct agent *agent_free(struct agent *a);

/** sofia's part of it, for dialogs and transactions. */
nta_agent_t *agent_nta(const struct agent *a);

/** The address of a listener as it was bound, "127.0.0.1:5060"; "" if there is none. */
const char *agent_udp(const struct agent *a);
const char *agent_tcp(const struct agent *a);
const char *agent_tls(const struct agent *a);

/** Answer with a status, a phrase (NULL: the standard one) and further header lines ("Name: value\r\n…"). They
 *  are left out if one of them is malformed. */
void agent_answer(struct agent *a, nta_incoming_t *irq, int status, const char *phrase,
		  const char *headers);
/** The same, and then destroy the transaction. */
void agent_reply(struct agent *a, nta_incoming_t *irq, int status, const char *phrase,
		 const char *headers);

/** Answer with a text of ours, from status line to body, as it is to be on the wire, with a tag in To. If it has
 *  no Via, the Vias and Record-Routes of the request are inserted. Does not destroy the transaction. Returns 0
 *  or a negative errno. */
int agent_reply_text(struct agent *a, nta_incoming_t *irq, const struct text *message);

/** The same with a peer's answer to our copy of the request, from which our Via was removed. */
int agent_forward_answer(struct agent *a, nta_incoming_t *irq, const struct text *message);

/** Append the value of a header that sofia has parsed, of any length. */
void agent_add_field(struct text *out, const void *header);

/** Whether a header line is wanted. */
typedef bool agent_line_h(const struct sip_line *l);

/** Append the header lines of a message that are wanted, each as it came and ended by CRLF, without folds. */
void agent_add_lines(struct text *out, const sip_t *sip, agent_line_h *wants);

/** Value of a header that sofia does not know, or NULL. sip may be NULL. */
const char *agent_other_header(const sip_t *sip, const char *name);

/** Append the option tags that a request requires of its recipient or of proxies (RFC 3261 20.29, 20.32) and that are not in this
 *  list, which ends with NULL: the value of Unsupported. Nothing if all are there. */
void agent_add_unsupported(const sip_t *request, const char *const *supported, struct text *out);
/** The same for one of them: every option that is not in this list, which ends with NULL. */
void agent_add_unlisted(const msg_list_t *tags, const char *const *list, struct text *out);

/** Append the Vias of a request, top first, or its Record-Routes, joined by commas into one value. The received ones: the first with
 *  the address and port that the request has come from, as Microsoft's servers write it. */
void agent_add_received_vias(nta_incoming_t *irq, struct text *out);
void agent_add_vias(const sip_t *request, struct text *out);
void agent_add_record_routes(const sip_t *request, struct text *out);

/** The bytes of the last message received, without what its sender is not trusted with: in on_request that request, and in the
 *  callback of a transaction that answer, unless sofia made it itself. Valid until something is sent. */
const char *agent_received(const struct agent *a, size_t *ret_n);

/** Who has sent the message that is being handled. */
struct agent_sender {
	char host[64]; /* its address */
	uint64_t mark; /* of address and port: the same for the same */
	bool is_local; /* on this machine */
};

/** Whether its sender may say what only trusted servers may (proto/sip/trust.h). */
bool agent_is_trusted(const struct agent *a);
/** False if nothing is being handled. */
bool agent_find_sender(const struct agent *a, struct agent_sender *ret);

struct struck;
/** Keep the request that is being handled, without an answer. NULL: too many are held. on_gone is called if its connection ends,
 *  and then there is nothing to let go. */
struct struck *agent_hold(const struct agent *a, void (*on_gone)(void *magic), void *magic);
/** Handle it as if it came now. */
void agent_let_go(struct struck *held);

/** Send a request of our own text to route_url ("sip:127.0.0.1:5061;transport=tcp"); sofia inserts its Via.
 *  NULL if it cannot be sent. */
nta_outgoing_t *agent_send_text(struct agent *a, const char *route_url, const struct text *message,
				nta_response_f *on_response, void *magic);

/** The same for a message whose first Via is already ours, from agent_add_via(). It is not parsed as a whole. */
nta_outgoing_t *agent_send_own(struct agent *a, const char *route_url, const struct text *message,
			       nta_response_f *on_response, void *magic);

/** Send a request again, in a new transaction and by another route (RFC 3263, 4.3). The caller keeps orq. NULL
 *  if it cannot be sent. */
nta_outgoing_t *agent_send_again(struct agent *a, nta_outgoing_t *orq, const char *route_url,
				 nta_response_f *on_response, void *magic);

/** What is different in a request that is sent again because its answer wants it so. */
struct agent_change {
	const char *session_expires, *min_se; /* RFC 4028 */
};

/** The same with these changes and the next number in its CSeq (RFC 3261, 8.1.3.5). */
nta_outgoing_t *agent_send_changed(struct agent *a, nta_outgoing_t *orq, const char *route_url,
				   const struct agent_change *change, nta_response_f *on_response,
				   void *magic);

/** Send a request of a dialog again as the next one, with a CSeq of its own: after a challenge (RFC 3261, 22.2). The
 *  caller keeps orq. NULL if it cannot be sent. */
nta_outgoing_t *agent_send_next(struct agent *a, nta_outgoing_t *orq, nta_leg_t *leg,
				const char *route_url, nta_response_f *on_response, void *magic);

/** What it means that sofia itself has ended a request of ours (nta_sip_is_internal()) with this status; appended to why: what
 *  was wrong with the network, if that is known. */
enum diag_code agent_failure(nta_outgoing_t *orq, int status, struct text *why);

/** Append the value of a Via of ours with a new branch, for a message that goes by this route; parameters may follow. It names the
 *  address that the connection comes from, as Microsoft's servers write it: so it is opened unless it is open. */
void agent_add_via(struct agent *a, const char *route, struct text *out);
/** The same without a branch. */
void agent_add_sent_by(struct agent *a, const char *route, struct text *out);
/** Whether that is the branch of a Via that this agent has made. */
bool agent_is_own_branch(const struct agent *a, const char *branch);

/** The route to a next hop from a setting: TCP and its usual port unless the URI says otherwise. Returns 0; -EINVAL if
 *  it is not a SIP URI; or -EHOSTUNREACH if its host is neither an address nor a name in the table of hosts. */
int agent_make_route(const struct agent *a, const char *next_hop, struct text *ret);

/** Whether a next hop from a setting (NULL: none) is this one, by TLS. */
bool agent_leads_to(const char *next_hop, const struct agent_end *end);

/** The route to a Contact, by the usual transport ("udp", "tcp", "tls") unless its URI names one. Returns the same, or
 *  -EPROTONOSUPPORT if we cannot send by its transport. */
int agent_contact_route(const struct agent *a, const char *contact, const char *usual_transport,
			struct text *ret);

enum { AGENT_AOR_SIZE = 256 };

/** Whom a message is about: its two parties, or the owner of the phone. */
struct agent_users {
	char from[AGENT_AOR_SIZE],
		to[AGENT_AOR_SIZE]; /* "bob@lab.test" in lower case; "" if there is none */
	char owner[URI_MAX_AOR + 1];
	struct agent_about about;
	const char *users[2];
};

/** ret points into itself. */
void agent_find_users(const struct agent *a, const sip_t *sip, bool sent, struct agent_users *ret);

/** Whether the limit of server transactions is reached. Counts the refusal that then follows. */
bool agent_is_overloaded(struct agent *a);
/** Whether this request is longer than the limit. */
bool agent_is_too_large(struct agent *a, nta_incoming_t *irq);

/** The transport of a route: "udp", "tcp" or "tls". */
const char *agent_route_transport(const char *route);
/** The transport that the request came by which is being handled, whatever its Via says. To be asked before the handler returns. */
const char *agent_came_by(const struct agent *a);

/** The address of the listener for a transport, or of any other if there is none. */
const char *agent_listener(const struct agent *a, const char *transport);

/** A string as a URL argument of sofia's; its own macro casts the const away. */
static inline const url_string_t *agent_url(const char *s)
{
	return (const url_string_t *)(const void *)s;
}

/** Where a request came from: "sip:address:port;transport=tcp". To be asked before its handler returns. */
void agent_source(const struct agent *a, nta_incoming_t *irq, struct text *ret);

/** The address that a request has come from. Returns false if it is not known. */
bool agent_peer(nta_incoming_t *irq, struct address *ret);

/** Whether a request has come from this machine. */
bool agent_is_local(nta_incoming_t *irq);

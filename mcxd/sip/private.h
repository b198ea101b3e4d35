/*
 * Agent, private part
 *
 * Grouped by the .c file that defines it.
 */
#pragma once

#include "mcxd/base/fault.h"
#include "mcxd/base/metric.h"
#include "mcxd/net/address.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/transport.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/tport.h>

struct hosts;
struct journal;
struct prefixes;
struct text;

#define AGENT_METRICS(X)                                                                           \
	X(requests_overloaded_total, METRIC_COUNTER,                                               \
	  "Requests answered 503 because the limit of transactions was reached")                   \
	X(requests_too_large_total, METRIC_COUNTER, "Requests answered 413 because of their size")

METRICS_STRUCT(agent_metrics, AGENT_METRICS);

struct agent {
	struct journal *journal;
	const struct hosts *hosts;
	char *hop;
	char *server;
	int64_t max_message_bytes, max_transactions;
	int64_t room; /* how many requests may come before transactions are counted again */
	struct faults *faults;
	enum fault_joint joint;
	agent_request_h *on_request;
	agent_about_h *about;
	agent_next_hop_h *is_next_hop;
	agent_admit_h *admit;
	struct agent_signer signer;
	void *magic;
	nta_agent_t *nta;
	char udp[ADDRESS_TEXT_SIZE], tcp[ADDRESS_TEXT_SIZE], tls[ADDRESS_TEXT_SIZE];
	char *connects_from;
	struct prefixes *trusted;
	unsigned char branch_key[16];
	uint32_t n_branches;
	uint32_t own_instances, *instances; /* messages recorded by the hop */
	const char *received;               /* the last message, as long as it is being handled */
	size_t n_received;
	/* msg_prepare() asks for this much room before it looks whether there is anything to write. Answers, which are whole
	 * already, show it this one: each would take 1 kB of its own for as long as it may have to be repeated. */
	char no_more_bytes[msg_min_size];
	struct transport_config transport;
	struct transport_metrics transport_metrics;
	struct agent_metrics metrics;
};

/* agent.c */
/** Whether we have a listener for this transport ("udp", "tcp", "tls"), and so can send by it. */
bool agent_has_transport(const struct agent *a, const char *transport);

/* fields.c */
/** The address for the received of a Via whose rport has been answered: sofia leaves it out where it is the one that the Via
 *  names, but RFC 3581 4 wants both. NULL: nothing is missing. */
const char *agent_missing_received(const sip_via_t *via, char ret[ADDRESS_TEXT_SIZE]);
/** A message that is sent as this text; NULL if it is not SIP. */
msg_t *agent_parse(const char *p, size_t n);

/* verbatim.c */
/** A message that is sent as this text. The caller adds the headers that sofia reads, the first of them with these bytes. */
msg_t *agent_verbatim_new(struct agent *a, const struct text *text, char **ret_bytes);
/** An empty header for sofia to read, without bytes of its own; end: where those of the message end. */
void *agent_verbatim_header(msg_t *msg, msg_hclass_t *class, const char *end);

/* answer.c */
/** Answer without a body; headers are whole lines. Returns 0, or a negative errno if nothing was sent. */
int agent_answer_own(struct agent *a, nta_incoming_t *irq, int status, const char *phrase,
		     const char *headers);

/* Of struct transport_handlers: tap.c, diagnose.c, strike.c */
bool agent_is_struck(void *magic, const sip_t *sip, bool is_datagram, struct fault_strike *ret);
void agent_on_message(void *magic, const struct transport_message *m);
void agent_on_fault(void *magic, const struct address *peer, const char *what);
void agent_on_sending(void *magic, msg_t *msg, sip_t *sip);

/*
 * Front end fixture: the real core and its SIP adapter, with raw peers.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/phone.h"
#include "mcxd/front_end/front_end.h"
#include "raw.h"

struct faults;
struct hosts;
struct store;
struct user;

struct stack;

struct front_end_fixture {
	struct loop *loop;
	struct hosts *hosts; /* empty */
	struct stack *stack;
	struct journal *journal;
	struct faults *faults; /* none */
	struct guesses *guesses;
	struct metrics *metrics;
	struct store *store;
	struct core_config core_config;
	struct front_end_config config;
	struct front_end *front_end;
	struct core *core;
	struct user *alice, *bob;
	struct phone *phone; /* after fixture_phone() */
	char edge[32];       /* where pushes go */
	char *next_hop;
	int edge_listener;
	bool woken;
};

int fixture_setup(void **state);
/** The same with another config. */
int fixture_setup_with(void **state, void (*change)(struct front_end_config *config));
int fixture_teardown(void **state);

/** Sign Bob's phone in; subscribed: for pushes, too. */
void fixture_phone(struct front_end_fixture *f, bool subscribed);

/** The same of another user; it is f->phone. */
void fixture_phone_of(struct front_end_fixture *f, struct user *u, bool subscribed);

/** Move the lab's clock, with the loop running in between. */
void fixture_advance(struct front_end_fixture *f, int64_t ms);

const char *fixture_tcp(const struct front_end_fixture *f);
const char *fixture_udp(const struct front_end_fixture *f);
int64_t fixture_metric(const struct front_end_fixture *f, const char *name);
/** The newest conversation. */
struct conversation *fixture_conversation(const struct front_end_fixture *f);
/** The newest event of the phone of this kind, or NULL. */
const struct event *fixture_event(const struct front_end_fixture *f, enum event_kind kind);

/** REGISTER of sip:bob@<local address>, with further header lines; returns the answer. */
char *fixture_register(struct raw *r, const char *call_id, unsigned cseq, const char *headers);

/** What distinguishes one INVITE from another. */
struct invite {
	const char *to;      /* AoR; NULL: bob@lab.test */
	const char *to_name; /* quoted; NULL: Bob B */
	const char *contact; /* host and port; NULL: where it comes from */
	const char *hops;    /* Max-Forwards; NULL: 70 */
	const char *call_id;
	unsigned cseq;       /* 0: 1 */
	const char *branch;  /* NULL: the Call-ID */
	const char *headers; /* further lines */
	const char *type;    /* NULL: application/sdp */
	const char *body;    /* NULL: an IM session */
};
void fixture_send_invite(struct raw *r, const struct invite *inv);

/** ms-text-format of "Hi Bob" */
#define FIRST_LINE "ms-text-format: text/plain; charset=UTF-8;msgr=WAAtAE0=;ms-body=SGkgQm9i\n"

/** What distinguishes one request within a dialog from another. */
struct in_dialog {
	const char *method;
	unsigned cseq;
	const char *contact; /* a URI; NULL: one of where it comes from */
	const char *headers; /* further lines, with CRLF */
	const char *type;    /* of the body; NULL: none */
	const char *body;
};
void fixture_send_in_dialog(struct raw *r, const char *answer, const struct in_dialog *request);

/** The same with a method, a number and a body alone. */
void fixture_in_dialog(struct raw *r, const char *answer, const char *method, unsigned cseq,
		       const char *type, const char *body);
/** A request of Bob's client within the dialog of this INVITE, which came over its connection and was answered with the
 *  tag "callee". type and body may be NULL. */
void fixture_callee_says(struct raw *bob, const char *invite, const char *method, unsigned cseq,
			 const char *type, const char *body);
/** ACK of this 200. */
void fixture_ack(struct raw *r, const char *answer);
/** Answer a request that came over this connection, with further header lines and a body. */
void fixture_answer(struct raw *r, const char *request, const char *status, const char *headers,
		    const char *body);

/* ---- Alice and Bob's phone ---- */

struct sip_call {
	struct front_end_fixture *f;
	struct raw r;
	char *ringing;
	char *answer;
	uint64_t conversation;
};

/** Alice invites Bob's phone, and receives the 180. */
void call_ring(struct sip_call *c, struct front_end_fixture *f, bool tcp);
/** The phone accepts, and Alice receives the 200. */
void call_answer(struct sip_call *c);
/** Alice hangs up. */
void call_hang_up(struct sip_call *c);
/** Check that nothing of the call is left. */
void call_over(struct sip_call *c);

#define PHONE_SERVER                                                                               \
	"SERVER: RTCC/4.0.0.0 McxService/4.0.0.0 WPLync/4.1.7947.0 (Microsoft Windows CE "         \
	"7.10.7720)"

/** Register Bob over this connection, with this host and port as his Contact. */
void fixture_register_contact(struct raw *r, const char *address);

#define IM_SDP                                                                                     \
	"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"          \
	"m=message 5060 sip null\r\na=accept-types:text/plain\r\n"

/*
 * A front end for the tests of the HTTPS API: core with a store in memory, the API on 127.0.0.1, an HTTP
 * client, and callers that record what their legs are asked to do.
 */
#pragma once

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "proto/text/text.h"
#include "web/ucwa/ucwa.h"

#include <json-c/json.h>

struct http;
struct http_client;
struct loop;
struct metrics;
struct store;

struct lab {
	struct loop *loop;
	struct journal *journal;
	struct metrics *metrics;
	struct store *store;
	struct core_config core_config;
	struct ucwa_config config;
	struct core *core;
	struct guesses *guesses;
	struct ucwa *ucwa;
	struct http *http;
	struct http_client *client;
	char *base;   /* "http://127.0.0.1:40001" */
	char *token;  /* Bob's */
	char *app;    /* path of Bob's application */
	uint64_t ack; /* of the next event request */
};

int lab_setup(void **state);
/** The same with another configuration of the API: change alters that of lab_setup(). */
int lab_setup_with(void **state, void (*change)(struct ucwa_config *config));
int lab_teardown(void **state);

enum { LAB_HEADERS = 12 };

/** An answer, as far as it has arrived. */
struct reply {
	uint64_t id; /* of the exchange, for http_client_cancel() */
	bool done;
	int status;
	char *body, *etag;
	struct json_object *json; /* the body, if it is JSON */
	char *location, *type, *diagnostics;
	char *www[2]; /* WWW-Authenticate */
	char *kept[LAB_HEADERS];
};

/** Value of a header of the answer; "" if it is absent. Those that are kept are named in ucwa_fixture.c. */
const char *reply_header(const struct reply *r, const char *name);

void reply_reset(struct reply *r);

struct call {
	const char *method;
	const char *path;  /* of this server, or a whole URL */
	const char *token; /* NULL: Bob's; "": none */
	const char *type;  /* Content-Type of the body; NULL: application/json */
	const char *body;  /* may be NULL */
	const char *accept;
	const char *header; /* one more, "If-Match: 1"; may be NULL */
	const char *header2;
};

/** Send, and do not wait for the answer. */
void lab_send(struct lab *l, const struct call *c, struct reply *ret);
/** Send, and run the loop until the answer is there. Returns its status. */
int lab_call(struct lab *l, const struct call *c, struct reply *ret);
/** The same for a path below Bob's application. body may be NULL. The answer is dropped. */
int lab_do(struct lab *l, const char *method, const char *below, const char *body);
void lab_wait(struct lab *l, struct reply *r);

/** The value at a JSON pointer, or NULL. */
struct json_object *json_at(struct json_object *o, const char *pointer);
/** The string at a JSON pointer in the body; "" if there is none. */
const char *reply_at(const struct reply *r, const char *pointer);
bool reply_has(const struct reply *r, const char *pointer);

/** A token for a password; "" if it is refused. free() it. */
char *lab_sign_in(struct lab *l, const char *aor, const char *password);
/** Sign in; returns the path of the application. free() it. */
char *lab_application(struct lab *l, const char *token, const char *endpoint_id);

/** Empty the queue of the application's phone, which has not asked for events yet. Most tests are not about what
 *  makeMeAvailable brings. */
void lab_forget_events(struct lab *l);
/** Sign Bob in: token, application, makeMeAvailable, and forget the events of that. */
void lab_bob(struct lab *l);

/** Send an event request with the ack that is due, and do not wait for the answer. */
void lab_poll(struct lab *l, struct reply *r);
/** Wait for the packet that was asked for, write its events as "rel type;rel type;…", and take its next
 *  ack. */
void lab_packet(struct lab *l, struct reply *r, struct text *ret);
/** The nth event of the packet, from 0. */
struct json_object *lab_event(const struct reply *r, size_t nth);

/** A caller. `told` has a word for each operation of its leg that was called. */
struct caller {
	struct leg leg;
	struct text told;
	uint64_t conversation;
	bool silent; /* messages to it are not confirmed */
};

struct caller *caller_invite(struct lab *l, const char *first_line);
/** A call or an invitation to a conference. */
struct caller *caller_call(struct lab *l, enum media media, bool conference);
/** The same with a first line of another type than text/plain. */
struct caller *caller_invite_as(struct lab *l, const char *type, const char *first_line);
/** The same from another address than Alice's. */
struct caller *caller_invite_from(struct lab *l, const char *from, const char *first_line);
void caller_say(struct caller *c, const char *text);
void caller_free(struct caller *c);

/* The events of makeMeAvailable, of an invitation, and of its acceptance: without, and with a first line. */
#define LAB_PRESENT "me updated;presence added;note added;location added;communication updated;"
#define LAB_STARTED                                                                                \
	"messagingInvitation started;conversation added;localParticipant added;participant added;"
#define LAB_ANSWERED                                                                               \
	"messagingInvitation updated;messaging updated;conversation updated;participantMessaging " \
	"added;participantMessaging added;participant updated;messagingInvitation completed;"
#define LAB_ACCEPTED LAB_ANSWERED "message completed;"

/** Sign Bob in, invite him and accept for him. */
struct caller *caller_connected(struct lab *l);
/** Send Bob's request for a path below the invitation or conversation ("/accept"). Returns the status. */
int invitation_do(struct lab *l, const struct caller *c, const char *method, const char *what);
int conversation_do(struct lab *l, const struct caller *c, const char *method, const char *what);
/** Send a message from Bob. query: "?operationId=1". Returns the status. */
int caller_hears(struct lab *l, const struct caller *c, const char *query, const char *text,
		 struct reply *r);
int caller_hears_status(struct lab *l, const struct caller *c, const char *query, const char *text);
/** Ask for events; the packet must have these. */
void lab_next_packet(struct lab *l, const char *expected);

int64_t lab_metric(const struct lab *l, const char *name);
/** Advance the lab's clock, and run the loop until all that is due has happened. */
void lab_advance(struct lab *l, int64_t ms);
/** Run the loop for a few rounds. */
void lab_settle(struct lab *l);
/** Summaries of all journal records of a kind, each followed by "; ". */
void lab_story(const struct lab *l, const char *kind, struct text *ret);

/*
 * A front end for the tests of the HTTPS API: core with a store in memory, the API on 127.0.0.1, an HTTP
 * client, and callers that write down what they are told.
 */
#pragma once

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mcxd/core/conversation.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/phone.h"
#include "mcxd/store/store.h"
#include "proto/text/text.h"
#include "web/http/client.h"
#include "web/ucwa/ucwa.h"

#include <json-c/json.h>

struct lab {
	struct loop *loop;
	struct journal *journal;
	struct metrics *metrics;
	struct store *store;
	struct core_config core_config;
	struct ucwa_config config;
	struct core *core;
	struct ucwa *ucwa;
	struct http *http;
	struct http_client *client;
	char *base;   /* "http://127.0.0.1:40001" */
	char *token;  /* Bob's */
	char *app;    /* path of Bob's application */
	uint64_t ack; /* of the next event request */
};

int lab_setup(void **state);
int lab_teardown(void **state);

/** An answer, or what there is of it. */
struct reply {
	bool done;
	uint64_t id; /* of the exchange, for http_client_cancel() */
	int status;
	char *body;
	struct json_object *json; /* the body, if it is JSON */
	char *location, *type, *diagnostics;
	char *www[2]; /* WWW-Authenticate */
};

void reply_reset(struct reply *r);

struct call {
	const char *method;
	const char *path;  /* of this server, or a whole URL */
	const char *token; /* NULL: Bob's; "": none */
	const char *type;  /* Content-Type of the body; NULL: application/json */
	const char *body;  /* may be NULL */
	const char *accept;
};

/** Send, and leave the answer to come. */
void lab_send(struct lab *l, const struct call *c, struct reply *ret);
/** Send, and run the loop until the answer is there. Returns its status. */
int lab_call(struct lab *l, const struct call *c, struct reply *ret);
/** The same, of a path below Bob's application, with a body or NULL; the answer is thrown away. */
int lab_do(struct lab *l, const char *method, const char *below, const char *body);
void lab_wait(struct lab *l, struct reply *r);

/** What a JSON pointer leads to, or NULL. */
struct json_object *json_at(struct json_object *o, const char *pointer);
/** A string of the body by its JSON pointer; "" when there is none. */
const char *reply_at(const struct reply *r, const char *pointer);
bool reply_has(const struct reply *r, const char *pointer);

/** A token for a password; "" when it is refused. free() it. */
char *lab_sign_in(struct lab *l, const char *aor, const char *password);
/** An application of the token's owner: its path, for free(). */
char *lab_application(struct lab *l, const char *token, const char *endpoint_id);

/** Bob's: token, application, makeMeAvailable. */
void lab_bob(struct lab *l);

/** Ask for events with the ack that is due; the answer is there or comes later. */
void lab_poll(struct lab *l, struct reply *r);
/** Wait for the packet that was asked for, and write its events as "rel type;rel type;…"; the next ack is
 *  the one after. */
void lab_packet(struct lab *l, struct reply *r, struct text *ret);
/** The nth event of the packet, from 0. */
struct json_object *lab_event(const struct reply *r, size_t nth);

/** A caller. What its leg is told is a word each in said. */
struct caller {
	struct leg leg;
	struct text told;
	uint64_t conversation;
	bool silent; /* what is said to it does not arrive, so far */
};

struct caller *caller_invite(struct lab *l, const char *first_line);
void caller_say(struct caller *c, const char *text);
void caller_free(struct caller *c);

/* The events of an invitation, and of its acceptance. */
#define LAB_STARTED                                                                                \
	"messagingInvitation started;conversation added;localParticipant added;participant added;"
#define LAB_ACCEPTED "messaging updated;conversation updated;messagingInvitation completed;"

/** Bob signs in, takes an invitation and accepts it. */
struct caller *caller_connected(struct lab *l);
/** Bob's requests about the conversation: method, and what is below it ("/accept"). */
int invitation_do(struct lab *l, const struct caller *c, const char *method, const char *what);
int conversation_do(struct lab *l, const struct caller *c, const char *method, const char *what);
/** Bob sends a message. query: "?operationId=1". */
int caller_hears(struct lab *l, const struct caller *c, const char *query, const char *text,
		 struct reply *r);
int caller_hears_status(struct lab *l, const struct caller *c, const char *query, const char *text);
/** Ask for events, and take the packet, which must be this. */
void lab_next_packet(struct lab *l, const char *expected);

int64_t lab_metric(const struct lab *l, const char *name);
/** Run a few rounds. */
void lab_settle(struct lab *l);
/** Summaries of all journal records of a kind, each with "; " behind it. */
void lab_story(const struct lab *l, const char *kind, struct text *ret);

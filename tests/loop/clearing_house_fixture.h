/*
 * A clearing house between a real SIP peer and a push service that the test plays
 */
#pragma once

#include "mcxd/clearing_house/clearing_house.h"
#include "proto/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sofia-sip/nta.h>

struct agent;
struct es256_key;
struct http;
struct hosts;
struct journal;
struct loop;
struct stack;
struct metrics;

enum { MAX_POSTS = 128, N_KEPT = 10 };

#define WEBHOOK_SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

#define ID "0b5ce4f2-7e3d-4c5a-9a53-0f6a5f1f7c11"

/* A request that reached the push service. */
struct received {
	char *path, *body, *target, *class, *message_id, *type;
	char *values[N_KEPT]; /* of headers; for received_header() */
	int64_t at_ms;
	uint64_t parked; /* 0: it was answered */
};

/* What it answers. */
struct reply {
	int status;
	bool park; /* nothing, yet */
	const char *notification, *subscription, *retry_after, *location;
	const char *body;
};

/* A request of the SIP peer, and its answer. */
struct call {
	struct fixture *fixture;
	nta_outgoing_t *orq; /* NULL once it is answered */
	int status;
	struct diag_header diag;
	char *info; /* of ms-diagnostics-public */
	int64_t answered_ms;
};

struct fixture {
	struct loop *loop;
	struct hosts *hosts;
	struct stack *stack;
	struct journal *journal;
	struct metrics *metrics;
	struct clearing_house_config config;
	struct clearing_house *clearing_house;
	struct agent *peer;

	struct http *http; /* the push service */
	char *uri;         /* a notification URI of it */
	bool park;         /* it does not answer */
	char *apns_url;
	struct es256_key *apns_key; /* of the clearing house */
	const char *own_port;       /* what listens there is mcxd's; NULL: nothing is */
	int http_status;
	const char *notification, *subscription;
	const struct reply *script; /* its first answers; then it goes by the members above */
	int n_script;
	const struct reply *always; /* in place of both, if it is not NULL */
	struct received posts[MAX_POSTS];
	int n_posts;

	struct call last; /* of begin_request() */
	char *answer; /* display name of To, Server, and "allow" or "accept" for these headers */
};

/* A request; a NULL member takes its usual value. */
struct request {
	const char *method, *target, *from, *headers, *type, *body;
	size_t n_body; /* 0: it is a string */
};

int clearing_house_set_up(void **state);
/** With other peers that may send pushes. */
int clearing_house_set_up_with(void **state, const char *allow_peers);
int clearing_house_tear_down(void **state);

/** A push body, to be freed; with a device token if uri is NULL. */
char *make_body(const char *platform, const char *uri, const char *text);
/** The same for the windowsPhone, with another id and a text that tell it from others. */
char *make_numbered(const char *uri, int n);
/** A header of a request that reached the push service; NULL: it had none. Some are known: Webhook-*, apns-*, authorization. */
const char *received_header(const struct received *p, const char *name);
/** Send a request without waiting for the answer. */
void begin_call(struct fixture *f, struct call *c, const struct request *q);
void call_deinit(struct call *c);
void run_until_answered(struct fixture *f, const struct call *c);
/** Run until it is answered, check the status and the id, and be done with it. */
void check_answer(struct fixture *f, struct call *c, enum diag_code code);
/** Run until the clearing house has so many notifications under way, also where nothing else shows it. */
void settle(struct fixture *f, int64_t n_pending);
/** Answer a request that is parked. */
void answer_parked(struct fixture *f, int post, const struct reply *r);
/** Move the lab's clock. */
void advance(struct fixture *f, int64_t ms);
/** Send a request without waiting for the answer. */
void begin_request(struct fixture *f, const struct request *q);
/** Run until the push service got n_posts requests in all and *until is set. With until NULL, until the
 *  request is answered. */
void run_until(struct fixture *f, const bool *until, int n_posts);
void await_answer(struct fixture *f);
void submit(struct fixture *f, const struct request *q);
/** Send a request and check the status and the id of the answer. expect_body() frees the body. */
void expect(struct fixture *f, const struct request *q, enum diag_code code);
void expect_body(struct fixture *f, char *body, enum diag_code code);
int64_t metric_of(const struct fixture *f, const char *name);

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

struct agent;
struct http;
struct hosts;
struct journal;
struct loop;
struct stack;
struct metrics;

enum { MAX_POSTS = 4 };

#define ID "0b5ce4f2-7e3d-4c5a-9a53-0f6a5f1f7c11"

/* A request that reached the push service. */
struct post {
	char *body, *target, *class, *message_id, *type;
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
	int http_status;
	const char *notification, *subscription;
	struct post posts[MAX_POSTS];
	int n_posts;

	/* the last answer */
	nta_outgoing_t *orq;
	int status;
	struct diag_header diag;
	char *answer; /* display name of To, Server, and "allow" or "accept" for these headers */
	char *info;   /* of ms-diagnostics-public */
};

/* A request; a NULL member takes its usual value. */
struct request {
	const char *method, *target, *from, *headers, *type, *body;
};

int clearing_house_set_up(void **state);
int clearing_house_tear_down(void **state);

/** A push body, to be freed; with a device token if uri is NULL. */
char *make_body(const char *platform, const char *uri, const char *text);
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

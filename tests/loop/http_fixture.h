/*
 * A site for the tests of web/http: a server with routes that do what a test needs, and a client.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "proto/text/text.h"
#include "web/http/client.h"
#include "web/http/http.h"

struct metrics;

enum { MAX_WAITING = 512 };

struct site {
	struct loop *loop;
	struct metrics *metrics;
	struct http *http;
	struct http_client *client;
	char *base; /* "http://127.0.0.1:40001" */

	uint64_t waiting[MAX_WAITING]; /* parked requests or streams, by arrival */
	size_t n_waiting;
	size_t n_gone;
	size_t n_faults;
	uint64_t last_gone;
	struct text after; /* "GET /hello 200;" for each answer */
	size_t n_contexts; /* that were not freed */
	bool closed;       /* http_free() is running */
};

/** Start server and client. config.listen NULL: 127.0.0.1:0. client may be NULL. */
void site_open(struct site *s, const struct http_config *config,
	       const struct http_client_config *client);
void site_close(struct site *s);
/** Start or restart only the server. */
int site_listen(struct site *s, const struct http_config *config);

int64_t site_metric(const struct site *s, const char *name);

struct reply {
	bool done;
	int status;
	char *error;
	char *body;
	size_t n_body;
	char *allow;
	char *cache_control;
	char *date;
	char *length;
};

/** Send, and do not wait for the reply. */
uint64_t site_send(struct site *s, const char *method, const char *path, const char *body,
		   struct reply *reply);
/** Send, and run the loop until the reply is there. */
void site_get(struct site *s, const char *method, const char *path, const char *body,
	      struct reply *reply);
void reply_deinit(struct reply *r);
/** The same, and check the status, the body (NULL: any) and the headers that every answer has. */
void site_expect(struct site *s, const char *method, const char *path, int status,
		 const char *body);

/** Run the loop for one round; fail the test if it is later than until_ms. */
void site_step(struct loop *l, int64_t until_ms, const char *what);

/** Run the loop until the condition holds; fail after five seconds. */
#define RUN_UNTIL(loop, condition)                                                                 \
	for (int64_t until_ms_ = loop_real_ms(loop) + 5000; !(condition);)                         \
	site_step(loop, until_ms_, #condition)

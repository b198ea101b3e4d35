/*
 * Requests
 *
 * The HTTP requests of one phone. A token that has expired is renewed once for all requests that were
 * refused because of it; they wait and are then sent again.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"
#include "proto/text/mem.h"
#include "web/http/client.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;

struct sim_requests_args {
	struct loop *loop;
	struct sim_report *report;
	const struct sim_phone_config *config;
	/** The token has expired: get another one, then call sim_requests_set_token(). */
	void (*on_expired)(void *magic);
	/** The phone cannot go on, and why. Returns false when it is ending already. */
	bool (*on_failure)(void *magic, enum sim_outcome outcome, const char *sentence);
	void *magic;
};

struct sim_requests {
	struct sim_requests_args args;
	struct http_client *http;
	struct list open;
	uint64_t last_id;
	char *origin; /* "https://127.0.0.1:8443", what hrefs are relative to; NULL: not known yet */
	char *token;  /* NULL: there is none */
	bool renewing; /* a new token is on its way */
	bool offline;  /* there is no network, and no client */
	bool closed;
};

void sim_requests_init(struct sim_requests *rs, const struct sim_requests_args *args);
void sim_requests_deinit(struct sim_requests *rs);

/** Cancel all requests; those sent from here on are dropped. */
void sim_requests_close(struct sim_requests *rs);

/** Lose the network, or find it again. What is lost are all connections; lasting requests wait until it is
 *  found and are then sent again, others are answered at once that there is none. */
void sim_requests_set_online(struct sim_requests *rs, bool online);

/** Use this token from here on, and send the requests that wait for it. NULL: none could be obtained; the
 *  waiting requests are answered 401. */
void sim_requests_set_token(struct sim_requests *rs, const char *token);

/** Resolve hrefs against the origin of this URL from here on; a relative URL changes nothing. */
void sim_requests_set_origin(struct sim_requests *rs, const char *url);

/** The phone cannot go on. Returns false when it is ending already. */
bool sim_requests_fail(struct sim_requests *rs, enum sim_outcome outcome, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* ---- one request ---- */

/** body: the answer's JSON, or NULL; both are valid during the call only. */
typedef void sim_answer_h(void *magic, const struct http_result *r, struct json_object *body);

struct sim_request {
	const char *method;
	const char *href;        /* absolute, or relative to the origin */
	const char *type;        /* of the body; NULL: JSON */
	const char *body;        /* may be NULL */
	bool plain;              /* without the token */
	bool unparsed;           /* on_answer reads the answer itself and is given no body */
	bool lasting;            /* held open by the server; the phone survives its failure */
	sim_answer_h *on_answer; /* NULL: a refusal is only reported */
	void *magic;
};

/** Send it; everything is copied. on_answer is called once, from the loop, unless the request is cancelled.
 *  If the server cannot be reached, the phone fails instead, except for a lasting request and while the
 *  phone is ending. Returns an id, never 0. */
uint64_t sim_request_send(struct sim_requests *rs, const struct sim_request *spec);

/** Does nothing for 0 and for a request that was answered. */
void sim_request_cancel(struct sim_requests *rs, uint64_t id);

/** Cancel all that have this magic. */
void sim_request_cancel_all(struct sim_requests *rs, const void *magic);

/** Whether the answer is a success; if not, report what was refused and why. */
bool sim_request_ok(struct sim_requests *rs, const struct http_result *r, struct json_object *body,
		    const char *what);

/** What an answer says about its failure, for people; free() it. */
char *sim_request_problem(const struct http_result *r, struct json_object *body);

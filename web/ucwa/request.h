/*
 * HTTPS API: requests
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_request;
struct phone;
struct ucwa;
struct ucwa_app;
struct ucwa_batch;
struct ucwa_listener;
struct ucwa_operation;
struct user;

/** A request under way: the context of its http_request. user, phone and app are valid while the handler
 *  runs, and only if the operation has UCWA_TOKEN and UCWA_APP. */
struct ucwa_request {
	struct ucwa *u;
	struct ucwa_listener *listener;
	struct http_request *r;
	const struct ucwa_operation *operation;
	struct user *user;
	struct phone *phone;
	struct ucwa_app *app;
	char *aor;       /* of the user, once it is known */
	char *app_id;    /* of the application, once it is known */
	char *key;       /* of its records in the journal, if not the one of number or app_id */
	char *callee;    /* AoR of whom its user calls; NULL: it is no call */
	uint64_t number; /* {n} of the path: a conversation */
	struct ucwa_batch *batch; /* of the requests in its body; NULL: it is not a batch */
	uint64_t record;          /* its number in the journal; 0: none */
	bool recorded;            /* it is in the journal already */
	uint64_t n_written;       /* rows that core had written when it began (web/ucwa/stored.h) */
	const void *body;         /* as it came, or own_body */
	size_t n_body;
	char *own_body; /* with what the query has; may be NULL */
};

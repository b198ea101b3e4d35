/*
 * Bodies about presence subscriptions
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct ucwa_problem;

enum { UCWA_MAX_URIS = 1000, UCWA_MAX_DURATION_MIN = 24 * 60 };

/** POST presenceSubscriptions, and POST presenceSubscriptionMemberships, whose list is called contactUris. */
struct ucwa_watch_body {
	int64_t duration_min; /* 0: absent */
	char *group;          /* id of the group whose members are meant; may be NULL */
	char **uris;
	size_t n_uris;
};

/** An empty body is fine: what it has to say may be in the query. Returns 0, or -EINVAL with *ret_problem filled in and
 *  *ret empty. */
int ucwa_watch_body_decode(const void *p, size_t n, struct ucwa_watch_body *ret,
			   struct ucwa_problem *ret_problem);
void ucwa_watch_body_deinit(struct ucwa_watch_body *b);

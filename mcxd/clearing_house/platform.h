/*
 * Clearing house: platforms
 *
 * What differs from one push service to the next: where notifications for a phone go, in what form, and what an answer means.
 * A notification is one or more requests, one after another; the first is what the sender hears about.
 */
#pragma once

#include "proto/diag.h"

#include <stdbool.h>
#include <stdint.h>

struct clearing_house;
struct http_result;
struct post;
struct push_body;
struct text;

/* What an answer of a push service means. */
struct outcome {
	enum diag_code code;
	bool is_later;    /* it may take the same request later … */
	int64_t after_ms; /* … but not before so long; negative: it does not say */
	char info[96];    /* more than the code says, for the sender: words of ours; "": nothing */
};

/* What a platform judges. */
struct platform_answer {
	const struct http_result *result;
	int64_t token_issued_s; /* of the struct post that it answers */
};

struct platform {
	const char *name; /* PUSH_PLATFORM_… */
	const char *key;  /* what its pushes' keys in the journal begin with: "mpns:" */
	/** Append the host that limits are counted for, and the name of the phone's channel. */
	void (*address)(const struct push_body *b, struct text *host, struct text *channel);
	/** Make the request of a step, counted from 0, in *ret, which is empty. False: there is no such step. */
	bool (*make)(struct clearing_house *house, const struct push_body *b, int step,
		     struct post *ret);
	/** Judge an answer; *ret is a success without a word, and says already what Retry-After asks for. */
	void (*judge)(struct clearing_house *house, const struct platform_answer *a,
		      struct outcome *ret);
};

extern const struct platform platform_mpns, platform_webhook, platform_apns;

/** NULL: it is unknown. */
const struct platform *platform_of(const char *name);

/** Judge the end of a request by any platform: nobody answered, or the answer. */
void platform_judge(const struct platform *p, struct clearing_house *house,
		    const struct platform_answer *a, struct outcome *ret);

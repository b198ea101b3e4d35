/*
 * Echo
 *
 * What an answer repeats of its request (RFC 3261, 8.2.6.2), kept until it is sent: an invitation rings for a
 * while, and a REGISTER waits for the store.
 */
#pragma once

#include "proto/sip/text.h"
#include "proto/sip/text_answer.h"

#include <sofia-sip/sip.h>

struct sip_echo {
	char *from, *to, *call_id, *cseq, *vias, *record_routes;
};

/** Take it from a request. Returns 0, or -EINVAL with a static sentence if no answer can be built from it; e is
 *  to be deinitialized in either case. */
int sip_echo_init(struct sip_echo *e, const sip_t *sip, const char **ret_why);
void sip_echo_deinit(struct sip_echo *e);

/** The same for the builders of proto. vias and routes are the lists that *ret points to. */
void sip_echo_request(const struct sip_echo *e, const char *vias[1], const char *routes[1],
		      struct sip_request_echo *ret);

/** Start an answer with the headers that it repeats; to_params (";tag=…" and more) replace the parameters of
 *  To. */
void sip_echo_start_answer(struct sip_text *m, int status, const struct sip_echo *e,
			   const char *to_params);
/** The same with a reason phrase; NULL: the standard one. */
void sip_echo_start_refusal(struct sip_text *m, int status, const char *phrase,
			    const struct sip_echo *e, const char *to_params);

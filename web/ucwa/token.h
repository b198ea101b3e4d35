/*
 * HTTPS API: POST /WebTicket/oauthtoken
 */
#pragma once

#include "proto/diag.h"
#include "web/ucwa/operation.h"

struct http_request;
struct ucwa;

ucwa_h ucwa_post_token;

/** Answer a request for this resource that did not come as far as its handler, with an error in the form of all its
 *  others. why: a sentence. */
void ucwa_token_fail(struct ucwa *u, struct http_request *r, int status, enum diag_code code,
		     const char *why);

/*
 * HTTPS API: POST /WebTicket/oauthtoken
 */
#pragma once

#include "web/ucwa/operation.h"

struct http_request;
struct ucwa;

ucwa_h ucwa_post_token;

/** Answer what the HTTP server refuses of this resource, with an error in the form of all its others. why: a
 *  sentence. */
void ucwa_token_fail(struct ucwa *u, struct http_request *r, int status, const char *why);

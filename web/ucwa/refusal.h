/*
 * HTTPS API: refusals before a handler
 */
#pragma once

#include "proto/diag.h"

struct http_request;
struct ucwa;

/** Answer a request that did not come as far as a handler with an error, in OAuth's form if it is for the token
 *  resource. why: a sentence for the journal and the client. */
void ucwa_refuse(struct ucwa *u, struct http_request *r, enum diag_code code, const char *why);
/** The same with a status of HTTP. */
void ucwa_refuse_status(struct ucwa *u, struct http_request *r, int status, const char *why);

/*
 * Push service: refusing a request
 */
#pragma once

struct http_request;

/** Answer with a JSON error: a code that belongs to the status, and a sentence. */
void push_service_refuse(struct http_request *r, int status, const char *why);

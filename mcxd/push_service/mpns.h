/*
 * MPNS: taking notifications
 */
#pragma once

#include "web/http/http.h"

struct push_service;

http_h mpns_on_post; /* POST /throttledthirdparty/01.00/{token}; magic is the push service */

/** The key of its records: "mpns:" and its X-MessageID; NULL without a proper one. free() it. */
char *mpns_key(const struct http_request *r);

/** Record that the notification has come, before its handler runs. */
void mpns_record_request(const struct push_service *service, const struct http_request *r);
/** Record an answer; notification and connection, the headers of these statuses, may be NULL. */
void mpns_record_answer(const struct push_service *service, const struct http_request *r,
			int status, const char *notification, const char *connection);

/** Answer a notification that a fault strikes with this status. */
void mpns_answer_struck(struct push_service *service, struct http_request *r, int status);

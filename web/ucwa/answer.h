/*
 * HTTPS API: answers
 */
#pragma once

#include "mcxd/core/phone.h"
#include "proto/diag.h"
#include "proto/text/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hal;
struct http_request;
struct ucwa;
struct ucwa_listener;
struct ucwa_problem;
struct ucwa_request;

/** Answer; what says that something has been done waits until that is stored, or becomes 503. */
void ucwa_answer(struct ucwa_request *q, int status, const char *type, const void *body, size_t n);
/** Answer with a resource, and free it. A reader who has it already gets 304. */
void ucwa_json(struct ucwa_request *q, int status, struct hal *body);
/** Whether the client has the resource as it is, by If-Match, as an operation that replaces it demands ("Payload
 *  format"). Frees body. False: 412 or 428 has been answered. */
bool ucwa_check_match(struct ucwa_request *q, struct hal *body);
/** Answer 204. */
void ucwa_no_content(struct ucwa_request *q);
/** Answer 201 without a body. */
void ucwa_created(struct ucwa_request *q, const char *path);

/** Answer with the error body and HTTP status of a row of the table. message NULL: the row's reason. */
void ucwa_fail(struct ucwa_request *q, enum diag_code code, const char *message);
void ucwa_failf(struct ucwa_request *q, enum diag_code code, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/** The same with what is wrong with the body. */
void ucwa_fail_body(struct ucwa_request *q, const struct ucwa_problem *problem);
/** Answer that a parameter is missing or invalid: "is missing." name is a string constant. */
void ucwa_fail_parameter(struct ucwa_request *q, const char *name, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/** Set X-Ms-diagnostics. reason has no quotes. */
void ucwa_diagnostics(const struct ucwa *u, struct http_request *r, int id, const char *reason);
/** 401, with the challenges that say where tokens come from. */
void ucwa_unauthorized(struct ucwa_request *q, const char *message);
/** The outcome of an operation of core's: 204 or the error. */
void ucwa_finish(struct ucwa_request *q, enum phone_result result);

/** "https://host:port", the start of links in this answer; free() it. */
char *ucwa_base(const struct ucwa_request *q);
/** The same of the TLS listener; NULL: there is none. */
char *ucwa_secure_base(const struct ucwa_listener *own, const struct http_request *r);

/** Read a query parameter that is a number from min to max. Returns 0; 1, with *ret untouched, if it is
 *  absent; -EINVAL if it is invalid, and then the error has been answered. */
int ucwa_number(struct ucwa_request *q, const char *name, int64_t min, int64_t max, int64_t *ret);

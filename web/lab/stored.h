/*
 * Lab API: answers that wait for the store
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>

struct http_request;
struct lab;

/** Whether something can be stored, by a request that may be answered later; or answers with an error. */
bool lab_may_store(struct lab *l, struct http_request *r);

/** What is to be told of something by its name; NULL: it has gone. */
typedef struct json_object *lab_tell_h(const struct lab *l, const char *name);

/** Answer once everything that was given to the store until now is in it: 204, or, unless tell is NULL, with this status
 *  and what tell() says then. */
void lab_answer_stored(struct lab *l, struct http_request *r, int status, lab_tell_h *tell,
		       const char *name);

/** Forget those that still wait; see lab_free(). */
void lab_stored_free(struct lab *l);

/*
 * Lab API: answers that wait for the store
 */
#pragma once

#include <stdbool.h>

struct http_request;
struct lab;

/** Whether something can be stored, by a request that may be answered later; or answers with an error. */
bool lab_may_store(const struct lab *l, struct http_request *r);

/** Answer once everything that was given to the store until now is in it: with this status, and with the user of this
 *  address, or, if it is NULL, with nothing. */
void lab_answer_stored(struct lab *l, struct http_request *r, int status, const char *aor);

/** Forget those that still wait; see lab_free(). */
void lab_stored_free(struct lab *l);

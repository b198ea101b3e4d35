/*
 * HTTP exchanges of records
 *
 * A record of the kind "http" is an exchange, a request alone, or an answer alone. Its raw bytes are the request and then
 * the answer, or a body alone; then the head is made of the record's fields.
 */
#pragma once

#include "proto/record.h"
#include "proto/text/text.h"

struct exchange {
	struct text request, answer; /* HTTP/1.1; empty: not in this record */
};

void exchange_init(struct exchange *e, const struct record *r);
void exchange_deinit(struct exchange *e);

/** The end of the head of a message with its empty line; n if there is none. */
size_t exchange_head(const char *p, size_t n);

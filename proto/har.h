/*
 * HAR
 *
 * The HTTP exchanges of records as an HTTP Archive, version 1.2, which browsers' developer tools and others read.
 */
#pragma once

#include "proto/record.h"
#include "proto/text/text.h"

/** Append an archive of n records, oldest first. A request and an answer that are records of their own are joined by their
 *  key; a request without an answer has the status 0. */
void har_encode(struct text *out, const struct record *const *records, size_t n,
		const char *version);

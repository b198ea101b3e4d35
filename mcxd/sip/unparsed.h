/*
 * Answer to what could not be parsed
 */
#pragma once

#include <stddef.h>

struct address;
struct tport_s;

/** Answer 400 to where the request came from, if its text allows it (proto/sip/unparsed.h). why: a sentence. */
void transport_refuse_unparsed(struct tport_s *tp, const struct address *from, const char *bytes,
			       size_t n, const char *why);

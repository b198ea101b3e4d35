/*
 * Address
 *
 * Where SIP clients reach the front end: its listeners, in Contacts and session descriptions.
 */
#pragma once

#include "mcxd/front_end/private.h"
#include "proto/sip/text.h"

struct text;

/** Host and port of the listener for this transport, or of the other one if there is none. */
void front_end_address(const struct front_end *s, const char *transport, char host[64],
		       unsigned *ret_port);

/** Append it as a value: "<sip:bob@127.0.0.1:5060;transport=tcp>". */
void front_end_contact(const struct front_end *s, const char *aor, const char *transport,
		       struct text *out);

/** Add our Contact on behalf of a user: "<sip:bob@127.0.0.1:5060;transport=tcp>". */
void front_end_add_contact(const struct front_end *s, struct sip_text *m, const char *aor,
			   const char *transport);

/*
 * Name-addr
 *
 * The values of From, To, Contact and their kin (RFC 3261, 25.1): a display name, a URI and the parameters of
 * the header. Input is untrusted.
 */
#pragma once

#include "proto/text/text.h"

enum {
	NAME_ADDR_MAX_BYTES = 1024, /* of a whole value */
	NAME_ADDR_DISPLAY_SIZE = 129,
};

struct name_addr {
	char display_name
		[NAME_ADDR_DISPLAY_SIZE]; /* unescaped, truncated, with the control characters that were escaped; "" for none */
	const char *uri; /* into the input, not terminated */
	size_t n_uri;
	const char *params; /* of the header, the rest of the input: ";tag=a;epid=b" */
	size_t n_params;
};

/** Split one name-addr or addr-spec with its header parameters. The URI itself is not checked. Returns 0, or
 *  -EINVAL with a static sentence in *ret_why (which may be NULL). */
int name_addr_decode(const char *s, struct name_addr *ret, const char **ret_why);

/** Value of a header parameter without its quotes; "" for one without a value. Returns 0, 1 if there is none,
 *  or -EINVAL if it does not fit into size. */
int name_addr_param(const struct name_addr *a, const char *name, char *ret, size_t size);

/** Append a display name as a quoted-string, escaped where necessary and without control characters. Nothing
 *  for NULL or "". */
void name_addr_add_display(struct text *out, const char *display_name);

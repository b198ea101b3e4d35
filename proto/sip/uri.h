/*
 * URI
 *
 * SIP URIs (RFC 3261, 19.1), addresses of record without a scheme ("bob@lab.test"), and the
 * name-addr of From, To, Contact and their kin (RFC 3261, 25.1). Nothing of what comes in is
 * trusted.
 */
#pragma once

#include "proto/text/text.h"

enum {
	URI_MAX_BYTES = 1024, /* of a whole URI or header value that is decoded here */
	URI_MAX_USER = 128,
	URI_MAX_HOST = 253, /* RFC 1035, 2.3.4, as text */
	URI_MAX_AOR = URI_MAX_USER + 1 + URI_MAX_HOST,
};

struct uri {
	bool secure;                 /* sips: */
	char user[URI_MAX_USER + 1]; /* percent-decoded; "" for none */
	char host[URI_MAX_HOST + 1]; /* lower case; IPv6 with its brackets */
	unsigned port;               /* 0: none */
	const char *params;          /* into the input: ";transport=tcp;lr", not terminated */
	size_t n_params;
};

/** Decode n bytes that are a SIP or SIPS URI and nothing else. The user part may hold what RFC 3261
 * allows in one without escapes, and escaped characters of that kind; control characters, '@' and
 * all else are refused, as is a password. Returns 0, or -EINVAL with a static sentence in *ret_why
 * (which may be NULL). */
int uri_decode(const char *s, size_t n, struct uri *ret, const char **ret_why);

/** Value of a URI parameter, percent-decoded, cut to size; "" for one without a value. Returns 0, 1
 * when it is not there, or -EINVAL (too long for size, or control characters). */
int uri_param(const struct uri *u, const char *name, char *ret, size_t size);

/** The address of record, "user@host" in lower case, of a SIP URI, a name-addr or an address
 * without a scheme. Port, parameters and display name are left out. Returns 0, or -EINVAL with a
 * sentence. */
int uri_aor(const char *s, char ret[URI_MAX_AOR + 1], const char **ret_why);

/** Whether s is an address of record as uri_aor() makes them. */
bool uri_is_aor(const char *s);

/** Whether s can be a host with or without a port, as in a Host header: a name, an IPv4 address or an IPv6
 *  one in brackets. Only its characters and its length are looked at, so that it breaks no URI. */
bool uri_is_host_port(const char *s);

/** Append "sip:user@host" for an address of record: what a SIP URI cannot hold is escaped. */
void uri_add_aor(struct text *out, const char *aor);

struct name_addr {
	char display_name[URI_MAX_USER + 1]; /* unescaped UTF-8, "" for none; cut when too long */
	const char *uri;                     /* into the input, not terminated */
	size_t n_uri;
	const char *params; /* of the header, the input's rest: ";tag=a;epid=b" */
	size_t n_params;
};

/** Split one name-addr or addr-spec with its header parameters. Its URI is not looked into. Returns
 * 0, or -EINVAL with a sentence. */
int name_addr_decode(const char *s, struct name_addr *ret, const char **ret_why);

/** Value of a header parameter without its quotes. As uri_param(). */
int name_addr_param(const struct name_addr *a, const char *name, char *ret, size_t size);

/** Append a display name as a quoted-string, with what has to be escaped; control characters are
 * left out. Nothing for NULL or "". */
void name_addr_add_display(struct text *out, const char *display_name);

/*
 * URI
 *
 * SIP URIs (RFC 3261, 19.1) and addresses of record without a scheme ("bob@lab.test"). Input is untrusted.
 */
#pragma once

#include "proto/text/text.h"

enum {
	URI_MAX_BYTES = 1024, /* of a whole URI */
	URI_MAX_USER = 128,
	URI_MAX_HOST = 253, /* RFC 1035, 2.3.4, as text */
	URI_MAX_AOR = URI_MAX_USER + 1 + URI_MAX_HOST,
	URI_MAX_TRANSPORT = 15,
};

struct uri {
	bool secure;                 /* sips: */
	char user[URI_MAX_USER + 1]; /* without its password; "" for none */
	char host[URI_MAX_HOST + 1]; /* lower case; IPv6 with its brackets, in its shortest form */
	unsigned port;               /* 0: none */
	const char *params;          /* into the input: ";transport=tcp;lr", not terminated */
	size_t n_params;
};

/** Decode n bytes that are a SIP or SIPS URI and nothing else. The user part becomes canonical (RFC 3261 10.3, step 5): what may
 *  be there unescaped is unescaped, all other is escaped with lower-case digits, so that it has neither '@' nor a control character,
 *  and a percent sign in it always begins an escape. Returns 0, or -EINVAL with a static sentence in *ret_why (which may be
 *  NULL). */
int uri_decode(const char *s, size_t n, struct uri *ret, const char **ret_why);

/** Value of a URI parameter, percent-decoded; "" for one without a value. Returns 0, 1 if there is none, or
 *  -EINVAL if it does not fit into size or has control characters. */
int uri_param(const struct uri *u, const char *name, char *ret, size_t size);

/** The host that a request to this URI goes to: its maddr if it has one (RFC 3263, 4), else its own. "" for a maddr that
 *  cannot be one. */
const char *uri_target(const struct uri *u, char maddr[URI_MAX_HOST + 1]);

/** The transport that a request to this URI goes by, in lower case: TLS for a SIPS URI, whose parameter can only name what is
 *  below TLS (RFC 3261 26.2.2); else the one that it names, or the usual one. */
void uri_transport(const struct uri *u, const char *usual, char ret[URI_MAX_TRANSPORT + 1]);

/** The port that it goes to by this transport: its own, or the usual one (RFC 3261 19.1.2). */
unsigned uri_target_port(const struct uri *u, const char *transport);

/** The address of record, "user@host" in lower case, of a SIP URI, a name-addr or an address
 * without a scheme. Without brackets all of it is the URI, so that a semicolon may be in its user part; a header's
 * parameters do not belong to it. Password, port, parameters and display name are left out. Returns 0, or -EINVAL with
 * a sentence. */
int uri_aor(const char *s, char ret[URI_MAX_AOR + 1], const char **ret_why);

/** The user part of what uri_aor() reads, in the case in which it is written. Returns the same. */
int uri_user(const char *s, char ret[URI_MAX_USER + 1], const char **ret_why);

/** Whether s is an address of record as uri_aor() makes them. */
bool uri_is_aor(const char *s);

/** Whether s can be a host with or without a port, as in a Host header: a name, an IPv4 address or an IPv6
 *  address in brackets. Checks only characters and length: enough to put it into a URI. */
bool uri_is_host_port(const char *s);

/** Append "sip:user@host" for an address of record, escaped where necessary; JSON needs no further escape. */
void uri_add_aor(struct text *out, const char *aor);

/** Append it as a name-addr: `"Bob"<sip:bob@lab.test>`. display_name may be NULL. */
void uri_add_name_addr(struct text *out, const char *display_name, const char *aor);

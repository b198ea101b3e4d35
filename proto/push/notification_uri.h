/*
 * Notification URI
 *
 * Where a push service takes notifications for one phone: http(s)://host[:port]/… A phone chooses it, and
 * it makes a server send requests, so only its plainest form passes. HTTP clients differ in how they read
 * user names, escapes and backslashes in front of the path; without those, the host that is checked is the
 * host that any of them connects to.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { NOTIFICATION_URI_MAX_BYTES = 2048 };

struct notification_uri {
	const char *authority; /* into the input, not terminated: "host:port" */
	size_t n_authority;
	size_t n_host; /* the host at its start; an IPv6 address with its brackets */
	unsigned port; /* that of the scheme if it names none */
};

/** Split a URI. Returns 0, or -EINVAL with a static sentence in *ret_why and *ret untouched. */
int notification_uri_decode(const char *s, struct notification_uri *ret, const char **ret_why);

/** Whether the list allows the host and the port. It holds, in any case and separated by spaces or commas: "host:port";
 *  "host" for the port of the URI's scheme; "host:*" for any port; "*" for everything. NULL is an empty list. */
bool notification_uri_is_allowed(const struct notification_uri *u, const char *list);

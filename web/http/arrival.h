/*
 * HTTP server: arrivals
 *
 * A connection from a proxy that speaks the PROXY protocol begins with a header that says who the client is, also in front
 * of TLS. libmicrohttpd does not know it, so it gets the socket once the header has been read, and never a byte of it.
 *
 * What has arrived is looked at before it is taken from the socket, and taken only as far as it is header: what follows is
 * for TLS or HTTP. A header that has arrived in part is taken at once, so the socket does not stay readable because of it.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/net/address.h"
#include "web/http/deadline.h"

#include <stdbool.h>
#include <stdint.h>

struct http;

/** How the client of a connection reached the proxy, if the proxy says so. */
struct http_told {
	bool is_told;
	bool is_tls;
};

/** The header is complete. fd is the callee's. */
typedef void http_arrived_h(struct http *h, int fd, const struct address *client,
			    struct http_told told);

struct http_arrivals {
	struct list all;
	int64_t n;
	struct http_deadlines deadlines;
	http_arrived_h *on_arrived;
};

void http_arrivals_init(struct http *h, http_arrived_h *on_arrived);
/** Close all that wait. */
void http_arrivals_deinit(struct http *h);

/** Read the header from a connection of this proxy. */
void http_arrival_add(struct http *h, int fd, const struct address *proxy);

/*
 * HTTP server: requests through reverse proxies
 *
 * A proxy names its client in X-Forwarded-For, -Host, -Proto and -Port, or in Forwarded (RFC 7239). Anybody can send
 * such headers, so they count only from a proxy that is trusted. If it sends headers of both kinds, X-Forwarded-* count:
 * a proxy that knows only these leaves a Forwarded that its client made up as it is. A proxy that writes Forwarded has to
 * remove the others.
 */
#pragma once

struct http_request;

/** Find out who the client is; the head of the request has been received. */
void http_proxy_resolve(struct http_request *r);

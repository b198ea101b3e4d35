/*
 * HTTP server: requests through reverse proxies
 *
 * For whom a proxy asks stands in X-Forwarded-For, -Host, -Proto and -Port, or in Forwarded (RFC 7239). Anybody can send
 * such headers, so they count only from a proxy that is trusted. If it sends headers of both kinds, X-Forwarded-* count:
 * a proxy that knows only these leaves a Forwarded that its client made up as it is. A proxy that writes Forwarded has to
 * remove the others.
 */
#pragma once

struct http_request;

/** Find out for whom the request is; its head has been received. */
void http_proxy_resolve(struct http_request *r);

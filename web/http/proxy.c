/*
 * HTTP server: requests through reverse proxies
 */
#include "web/http/proxy.h"

#include "mcxd/net/address.h"
#include "mcxd/net/prefixes.h"
#include "proto/sip/uri.h"
#include "proto/text/forwarded.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/words.h"
#include "web/http/arrival.h"
#include "web/http/conn.h"
#include "web/http/http.h"
#include "web/http/private.h"
#include "web/http/request.h"

#include <microhttpd.h>
#include <strings.h>

/* ---- headers ---- */

struct collector {
	const char *name;
	struct text values;
};

static enum MHD_Result collect(void *cls, enum MHD_ValueKind kind, const char *name,
			       const char *value)
{
	struct collector *c = cls;

	(void)kind;
	if (value && strcasecmp(name, c->name) == 0)
		text_add_all(&c->values, c->values.n ? ", " : "", value);
	return MHD_YES;
}

/* All headers of this name as one (RFC 9110 5.3); NULL: there is none. free() it. */
static char *header_list(const struct http_request *r, const char *name)
{
	struct collector c = { .name = name };

	MHD_get_connection_values(r->conn->mhd, MHD_HEADER_KIND, collect, &c);
	return c.values.n ? text_take(&c.values) : NULL;
}

/* The word that the outermost of n proxies has added to a list, or the first if there are fewer; NULL: there is none. */
static const char *added_by(char *const *words, size_t n_proxies)
{
	size_t n = words_count(words);

	if (n == 0)
		return NULL;
	return words[n > n_proxies ? n - n_proxies : 0];
}

/* ---- the client ---- */

static bool read_node(const char *node, struct address *ret)
{
	if (!node || (!address_read(node, ret) && !address_read_host(node, ret)))
		return false;
	address_unmap(ret);
	return true;
}

/* A proxy adds the address that it was asked from. The nodes of trusted proxies are passed, from the last one on; the first
 * other one is the client, and what stands in front of it is hearsay. Returns how many proxies are behind it, at least one;
 * *ret stays as it is if not even the nearest one says whom it asks for. */
static size_t find_client(const struct http *h, const char *const *nodes, size_t n,
			  struct address *ret)
{
	size_t n_proxies = 0;
	struct address a;

	while (n_proxies < n) {
		if (!read_node(nodes[n - ++n_proxies], &a))
			break;
		*ret = a;
		if (!prefixes_contain(h->trusted, &a))
			break;
	}
	return n_proxies ? n_proxies : 1;
}

static void set_client(struct http_request *r, const struct address *client)
{
	char peer[ADDRESS_TEXT_SIZE];

	if (client->any.sa_family == AF_UNSPEC)
		return;
	r->origin.peer_host = mem_strdup(address_format_host(client, false, peer));
	if (address_port(client))
		address_format(client, peer);
	r->origin.peer = mem_strdup(peer);
}

/* ---- what the client sees ---- */

static void set_scheme(struct http_request *r, const char *scheme)
{
	bool is_tls = scheme && strcasecmp(scheme, "https") == 0;

	if (!is_tls && (!scheme || strcasecmp(scheme, "http") != 0))
		return;
	r->origin.is_told = true;
	r->origin.is_tls = is_tls;
}

/* What the PROXY protocol says is about the client's connection to the proxy; TLS that the proxy passes on unread ends here. */
static void take_told(struct http_request *r)
{
	r->origin.is_told = r->conn->told.is_told;
	r->origin.is_tls = r->conn->told.is_tls || r->http->tls != NULL;
}

static bool has_port(const char *host)
{
	const char *colon = strrchr(host, ':');

	return colon && !strchr(colon, ']');
}

/* port: of a host that is without one; may be NULL. */
static void set_host(struct http_request *r, const char *host, const char *port)
{
	uint16_t number;

	if (!host || !uri_is_host_port(host))
		host = http_host(r);
	if (!host)
		return;
	if (!port || has_port(host) || !address_read_port(port, &number) ||
	    number == (http_is_tls(r) ? 443 : 80))
		r->origin.host = mem_strdup(host);
	else
		r->origin.host = text_concat(host, ":", port);
}

/* ---- the two kinds ---- */

static void resolve_forwarded(struct http_request *r, const char *value)
{
	CLEANUP(forwarded_deinit) struct forwarded f;
	const char *nodes[FORWARDED_MAX];
	const struct forwarded_hop *hop;
	struct address client = { 0 };

	if (forwarded_decode(value, &f) || f.n_hops == 0)
		return;
	for (size_t i = 0; i < f.n_hops; i++)
		nodes[i] = f.hops[i].node;
	hop = &f.hops[f.n_hops - find_client(r->http, nodes, f.n_hops, &client)];
	set_client(r, &client);
	set_scheme(r, hop->proto);
	set_host(r, hop->host, NULL);
}

enum { X_FOR, X_HOST, X_PROTO, X_PORT, N_X };

static void resolve_x(struct http_request *r, char **const *lists)
{
	struct address client = { 0 };
	size_t n_proxies = find_client(r->http, (const char *const *)lists[X_FOR],
				       words_count(lists[X_FOR]), &client);

	set_client(r, &client);
	set_scheme(r, added_by(lists[X_PROTO], n_proxies));
	set_host(r, added_by(lists[X_HOST], n_proxies), added_by(lists[X_PORT], n_proxies));
}

void http_proxy_resolve(struct http_request *r)
{
	static const char *const names[N_X] = { "X-Forwarded-For", "X-Forwarded-Host",
						"X-Forwarded-Proto", "X-Forwarded-Port" };
	char **lists[N_X];
	bool has_x = false;

	take_told(r);
	if (!r->conn->is_trusted)
		return;
	for (int i = 0; i < N_X; i++) {
		CLEANUP(mem_free_string) char *value = header_list(r, names[i]);

		has_x |= value != NULL;
		lists[i] = words_split(value ? value : "");
	}
	if (has_x) {
		resolve_x(r, lists);
	} else {
		CLEANUP(mem_free_string) char *value = header_list(r, "Forwarded");

		if (value)
			resolve_forwarded(r, value);
	}
	for (int i = 0; i < N_X; i++)
		free(lists[i]);
}

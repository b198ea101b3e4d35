/*
 * Names
 */
#include "mcxd/names.h"

#include "mcxd/base/setting_map.h"
#include "mcxd/edge/edge.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/net/address.h"
#include "mcxd/net/hosts.h"
#include "mcxd/settings.h"
#include "mcxd/sip/agent.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <stdlib.h>
#include <string.h>

void names_check_name(const char *name, struct text *why)
{
	struct address ignored;

	if (address_read_host(name, &ignored))
		text_add(why, "expected a host name, not an address");
	else if (!hosts_is_name(name))
		text_add(why, "not a host name, such as edge.lab.test");
}

void names_check_address(const char *address, struct text *why)
{
	struct address ignored;

	if (!address_read_host(address, &ignored))
		text_add(why, "expected a numeric address without a port, such as 127.0.0.1");
}

struct hosts *names_table(const struct settings *s)
{
	struct hosts *h = hosts_new();

	for (size_t i = 0; i < s->hosts.n; i++)
		if (hosts_add(h, s->hosts.pairs[i]->name, s->hosts.pairs[i]->value) < 0)
			abort(); /* the checks above let nothing through that this refuses */
	return h;
}

bool names_reach(const void *hosts, const char *host)
{
	struct address address;

	return hosts_resolve(hosts, host, 0, &address);
}

/* By UDP only from a listener. What a SIPS URI names is below TLS (RFC 3261 26.2.2). */
static bool is_transport(const struct uri *uri, bool has_udp)
{
	char transport[URI_MAX_TRANSPORT + 1];
	int err = uri_param(uri, "transport", transport, sizeof(transport));

	if (err)
		return err > 0;
	return !strcasecmp(transport, "tcp") || !strcasecmp(transport, "tls") ||
	       (has_udp && !uri->secure && !strcasecmp(transport, "udp"));
}

/* Numbers, and "localhost", need no row. */
static bool is_known(const struct settings *s, const char *host)
{
	struct address ignored;

	for (size_t i = 0; i < s->hosts.n; i++)
		if (!strcasecmp(s->hosts.pairs[i]->name, host))
			return true;
	return hosts_resolve(NULL, host, 0, &ignored);
}

static void check_hop(const struct settings *s, const char *setting, const char *hop, bool has_udp,
		      struct text *errors)
{
	char maddr[URI_MAX_HOST + 1];
	const char *host;
	struct uri uri;

	if (!*hop || uri_decode(hop, strlen(hop), &uri, NULL) < 0)
		return;
	if (!is_transport(&uri, has_udp))
		text_addf(errors, "%s: cannot send by the transport of %s; expected %s\n", setting,
			  hop, has_udp && !uri.secure ? "udp, tcp or tls" : "tcp or tls");
	host = uri_target(&uri, maddr);
	if (is_known(s, host))
		return;
	text_addf(errors,
		  "%s: the name %s is not in [hosts]; add %s = ADDRESS there, because mcxd asks no "
		  "name server\n",
		  setting, host, host);
}

void names_check_hops(const struct settings *s, struct text *errors)
{
	check_hop(s, "push.next_hop", s->push_next_hop, *s->sip.agent.udp, errors);
	check_hop(s, "edge.next_hop", s->edge.next_hop, false, errors);
	for (size_t i = 0; i < s->routes.n; i++) {
		CLEANUP(mem_free_string)
		char *name = text_concat("federation.", s->routes.pairs[i]->name);

		check_hop(s, name, s->routes.pairs[i]->value, false, errors);
	}
}

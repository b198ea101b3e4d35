/*
 * Edge: federation
 *
 * The domains that requests may go to, and where each is reached. Routes are static: no name server is asked.
 */
#include "mcxd/base/setting_map.h"
#include "mcxd/edge/edge.h"
#include "mcxd/edge/private.h"
#include "mcxd/sip/agent.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/words.h"

#include <string.h>
#include <strings.h>

static bool is_listed(const char *list, const char *domain)
{
	CLEANUP(words_free) char **words = words_split(list);

	for (char **word = words; *word; word++)
		if (!strcasecmp(*word, domain))
			return true;
	return false;
}

bool edge_allows(const struct edge *e, const url_t *url, struct uri *ret_domain)
{
	CLEANUP(mem_free_string)
	char *text = text_concat("sip:", url->url_host ? url->url_host : "");

	if (uri_decode(text, strlen(text), ret_domain, NULL)) {
		*ret_domain = (struct uri){ 0 };
		return false;
	}
	return is_listed(e->config->allowed_domains, ret_domain->host);
}

const char *edge_next_hop(const struct edge *e, const char *domain)
{
	const char *route = e->config->routes ? setting_map_get(e->config->routes, domain) : NULL;

	return route ? route : e->config->next_hop;
}

bool edge_is_next_hop(const void *magic, const struct agent_end *end)
{
	const struct edge *e = magic;
	const struct setting_map *routes = e->config->routes;

	for (size_t i = 0; routes && i < routes->n; i++)
		if (agent_leads_to(routes->pairs[i]->value, end))
			return true;
	return agent_leads_to(e->config->next_hop, end);
}

void edge_add_hop(struct text *out, const char *hop)
{
	char maddr[URI_MAX_HOST + 1], transport[URI_MAX_TRANSPORT + 1], port[TEXT_NUMBER_SIZE];
	struct uri uri;

	if (!hop || uri_decode(hop, strlen(hop), &uri, NULL))
		return;
	uri_transport(&uri, "tcp", transport);
	text_add_all(out, uri_target(&uri, maddr), ":",
		     text_number(port, uri_target_port(&uri, transport)));
}

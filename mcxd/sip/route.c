/*
 * Agent: routes
 */
#include "mcxd/sip/private.h"

#include "mcxd/sip/agent.h"
#include "proto/sip/uri.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sofia-sip/sip_protos.h>

static bool is_address(const char *host)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char bare[URI_MAX_HOST + 1];

	if (*host != '[')
		return inet_pton(AF_INET, host, bytes) == 1;
	snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(host + 1, "]"), host + 1);
	return inet_pton(AF_INET6, bare, bytes) == 1;
}

static int make_route(const char *to, const char *usual_transport, struct text *ret)
{
	struct uri uri;
	char transport[16], port[TEXT_NUMBER_SIZE];

	if (!to || uri_decode(to, strlen(to), &uri, NULL))
		return -EINVAL;
	if (!is_address(uri.host))
		return -EHOSTUNREACH;
	if (uri_param(&uri, "transport", transport, sizeof(transport)))
		snprintf(transport, sizeof(transport), "%s", usual_transport);
	text_add_all(ret, "sip:", uri.host, ":", text_number(port, uri.port ? uri.port : 5060),
		     ";transport=", transport);
	return 0;
}

int agent_make_route(const char *next_hop, struct text *ret)
{
	return make_route(next_hop, "tcp", ret);
}

int agent_contact_route(const struct agent *a, const char *contact, bool udp, struct text *ret)
{
	CLEANUP(text_deinit) struct text route = TEXT_INIT;
	int err = make_route(contact, udp ? "udp" : "tcp", &route);

	if (err)
		return err;
	for (char *c = route.data; *c; c++)
		*c = chars_lower(*c);
	if (!(*a->tcp && strstr(route.data, ";transport=tcp")) &&
	    !(*a->udp && strstr(route.data, ";transport=udp")))
		return -EPROTONOSUPPORT;
	text_add_bytes(ret, route.data, route.n);
	return 0;
}

void agent_source(const struct agent *a, nta_incoming_t *irq, struct text *ret)
{
	msg_t *request = nta_incoming_getrequest(irq);
	const sip_via_t *via;
	char address[64];

	(void)a;
	if (!request)
		return;
	via = sip_object(request)->sip_via;
	socket_format(&msg_addr(request)->su_sa, address, sizeof(address));
	text_add_all(ret, "sip:", address,
		     ";transport=", via->v_protocol == sip_transport_udp ? "udp" : "tcp");
	msg_destroy(request);
}

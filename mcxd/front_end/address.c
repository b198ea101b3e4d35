/*
 * Address
 */
#include "mcxd/front_end/address.h"

#include "mcxd/front_end/private.h"
#include "mcxd/sip/agent.h"
#include "proto/sip/text.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

void front_end_address(const struct front_end *s, bool udp, char host[64], unsigned *ret_port)
{
	const char *address = udp ? agent_udp(s->agent) : agent_tcp(s->agent);
	const char *colon;

	if (!*address)
		address = udp ? agent_tcp(s->agent) : agent_udp(s->agent);
	colon = strrchr(address, ':');
	text_join(host, 64, address);
	host[colon ? colon - address : 0] = '\0';
	*ret_port = colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
}

void front_end_add_contact(const struct front_end *s, struct sip_text *m, const char *aor, bool udp)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT;
	CLEANUP(text_deinit) struct text contact = TEXT_INIT;
	char host[64];
	unsigned port;

	if (udp && !*agent_udp(s->agent))
		udp = false;
	front_end_address(s, udp, host, &port);
	uri_add_aor(&uri, aor);
	text_add(&contact, "<");
	text_add_bytes(&contact, uri.data, strcspn(uri.data, "@"));
	text_add_all(&contact, "@", host, ":");
	text_add_number(&contact, port);
	text_add(&contact, udp ? ";transport=udp>" : ";transport=tcp>");
	sip_text_header(m, "Contact", text_str(&contact));
}

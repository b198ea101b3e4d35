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

void front_end_address(const struct front_end *s, const char *transport, char host[64],
		       unsigned *ret_port)
{
	const char *address = agent_listener(s->agent, transport);
	const char *colon;

	colon = strrchr(address, ':');
	text_join(host, 64, address);
	host[colon ? colon - address : 0] = '\0';
	*ret_port = colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
}

/* A client that is reached by a transport without a listener finds us by TCP. */
static const char *own_transport(const struct front_end *s, const char *transport)
{
	const char *listener = agent_listener(s->agent, transport);

	if (listener == agent_udp(s->agent))
		return "udp";
	return listener == agent_tls(s->agent) ? "tls" : "tcp";
}

void front_end_contact(const struct front_end *s, const char *aor, const char *transport,
		       struct text *out)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT;
	char host[64];
	unsigned port;

	front_end_address(s, transport, host, &port);
	uri_add_aor(&uri, aor);
	text_add(out, "<");
	text_add_bytes(out, uri.data, strcspn(uri.data, "@"));
	text_add_all(out, "@", host, ":");
	text_add_number(out, port);
	text_add_all(out, ";transport=", own_transport(s, transport), ">");
}

void front_end_add_contact(const struct front_end *s, struct sip_text *m, const char *aor,
			   const char *transport)
{
	CLEANUP(text_deinit) struct text contact = TEXT_INIT;

	front_end_contact(s, aor, transport, &contact);
	sip_text_header(m, "Contact", text_str(&contact));
}

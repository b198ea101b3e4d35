/*
 * Answer to what could not be parsed
 */
#include "mcxd/sip/unparsed.h"

#include "mcxd/base/random.h"
#include "mcxd/net/address.h"
#include "mcxd/sip/tport.h"
#include "mcxd/sip/transport.h"
#include "proto/sip/unparsed.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>

enum { TAG_BYTES = 8 };

void transport_refuse_unparsed(struct tport_s *tp, const struct address *from, const char *bytes,
			       size_t n, const char *why)
{
	CLEANUP(text_deinit) struct text answer = TEXT_INIT;
	const struct transport_config *config = tp->master->config;
	char tag[2 * TAG_BYTES + 1], host[ADDRESS_TEXT_SIZE], port[TEXT_NUMBER_SIZE];
	msg_t *msg;

	random_hex(TAG_BYTES, tag);
	if (!unparsed_refuse(&answer, bytes, n,
			     &(struct unparsed_answer){
				     .why = why,
				     .server = config->server,
				     .tag = tag,
				     .host = address_format_host(from, false, host),
				     .port = text_number(port, address_port(from)),
			     }) ||
	    transport_send_bytes(tp, from, answer.data, answer.n) != 0)
		return;
	msg = msg_make(sip_default_mclass(), 0, answer.data, (issize_t)answer.n);
	transport_tap(tp, &(struct transport_message){ .sip = msg ? sip_object(msg) : NULL,
						       .sent = true,
						       .bytes = answer.data,
						       .n = answer.n,
						       .peer = from });
	msg_destroy(msg);
}

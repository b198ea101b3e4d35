/*
 * Agent: functions of ours in the place of sofia's
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/log.h"

#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/su_addrinfo.h>

typedef void function_f(void);

static const struct {
	const char *name;
	function_f *ours;
	const char *purpose;
} rows[] = {
	{ "tport_log_msg", (function_f *)tport_log_msg, "journal" },
	{ "tport_tcp_init_secondary", (function_f *)tport_tcp_init_secondary, "watchdog" },
	{ "tport_stall", (function_f *)tport_stall, "end of a stream that is no SIP" },
	{ "tport_shutdown0", (function_f *)tport_shutdown0,
	  "connection after a malformed request" },
	{ "tport_deliver", (function_f *)tport_deliver, "answer to a repeated request" },
	{ "tport_is_reliable", (function_f *)tport_is_reliable,
	  "early end of a transaction over UDP" },
	{ "tport_recv_event", (function_f *)tport_recv_event, "receiving of many datagrams" },
	{ "su_getmsgsize", (function_f *)su_getmsgsize, "receiving of many datagrams" },
	{ "su_vrecv", (function_f *)su_vrecv, "receiving of many datagrams" },
	{ "tport_tsend", (function_f *)tport_tsend, "short way of an answer" },
	{ "su_soerror", (function_f *)su_soerror, "sending of many datagrams" },
	{ "su_vsend", (function_f *)su_vsend, "sending together" },
	{ "msg_extract", (function_f *)msg_extract, "blank lines before a message" },
	{ "sip_complete_message", (function_f *)sip_complete_message,
	  "diagnostics of its answers" },
	{ "su_getaddrinfo", (function_f *)su_getaddrinfo, "short way to read an address" },
	{ "su_freeaddrinfo", (function_f *)su_freeaddrinfo, "short way to read an address" },
	{ "sip_method_d", (function_f *)sip_method_d, "methods that it does not know" },
};

void agent_check_interposed(const char *hop)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!interpose_works(rows[i].name, rows[i].ours))
			log_error("sip", hop, "this sofia does not call our %s(): no %s",
				  rows[i].name, rows[i].purpose);
}

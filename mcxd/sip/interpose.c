/*
 * Agent: functions of ours in place of sofia's
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/interpose.h"
#include "mcxd/base/log.h"
#include "proto/text/mem.h"

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
	{ "tport_stall", (function_f *)tport_stall, "closing of streams that are not SIP" },
	{ "tport_shutdown0", (function_f *)tport_shutdown0,
	  "keeping a connection after a malformed request" },
	{ "tport_deliver", (function_f *)tport_deliver, "answering repeated requests" },
	{ "tport_is_reliable", (function_f *)tport_is_reliable,
	  "early end of transactions over UDP" },
	{ "tport_recv_event", (function_f *)tport_recv_event, "receiving many datagrams at once" },
	{ "su_getmsgsize", (function_f *)su_getmsgsize, "receiving many datagrams at once" },
	{ "su_vrecv", (function_f *)su_vrecv, "receiving many datagrams at once" },
	{ "tport_tsend", (function_f *)tport_tsend, "the short way for answers" },
	{ "su_soerror", (function_f *)su_soerror, "sending many datagrams at once" },
	{ "su_vsend", (function_f *)su_vsend, "sending messages together" },
	{ "msg_extract", (function_f *)msg_extract, "skipping blank lines before a message" },
	{ "sip_complete_message", (function_f *)sip_complete_message,
	  "adding diagnostics to its answers" },
	{ "su_getaddrinfo", (function_f *)su_getaddrinfo, "the short way to read addresses" },
	{ "su_freeaddrinfo", (function_f *)su_freeaddrinfo, "the short way to read addresses" },
	{ "sip_method_d", (function_f *)sip_method_d, "support of unknown methods" },
};

void agent_check_interposed(const char *hop)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!interpose_works(rows[i].name, rows[i].ours))
			log_error("sip", hop,
				  "this build of sofia does not call our %s(); %s is disabled",
				  rows[i].name, rows[i].purpose);
}

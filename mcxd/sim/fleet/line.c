/*
 * Fleet: the senders' SIP
 */
#include "mcxd/sim/call.h"
#include "mcxd/sim/desktop_config.h"
#include "mcxd/sim/fleet/fleet.h"
#include "mcxd/sim/fleet/private.h"
#include "mcxd/sip/agent.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_MESSAGE_BYTES = 65536, MAX_TRANSACTIONS = 1000000 };

static void on_request(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct sim_fleet_line *line = magic;

	(void)sip;
	agent_reply(line->agent, irq, 480, NULL, NULL);
}

static int open_line(struct sim_fleet *f, struct sim_fleet_line *line)
{
	const char *transport = f->config.transport;
	const struct agent_config config = {
		.udp = !strcmp(transport, "udp") ? "127.0.0.1:0" : "",
		.tcp = !strcmp(transport, "udp") ? "" : "127.0.0.1:0",
		.udp_buffer_bytes = INT64_C(4) << 20,
		.trusted_peers = "0.0.0.0/0 ::/0", /* the server that it was told */
		.max_connections = 16,
		.max_message_bytes = MAX_MESSAGE_BYTES,
		.max_unsent_bytes = INT64_C(64) << 20,
		.handshake_timeout_ms = 10000,
		.message_timeout_ms = 30000,
		.unread_timeout_ms = 30000,
		.max_transactions = MAX_TRANSACTIONS,
	};

	line->route = text_concat("sip:", f->config.sip_server, ";transport=", transport);
	return agent_new(&(struct agent_args){ .stack = f->stack,
					       .tls_client = f->config.tls,
					       .hop = "fleet",
					       .server = "mcxsim fleet",
					       .config = &config,
					       .on_request = on_request,
					       .magic = line },
			 &line->agent);
}

/* A Contact with a name that nobody knows is reached over the connection that it came by, so that all of a sender's
 * requests share one connection in both directions. */
static void make_sender(struct sim_fleet *f, struct sim_sender *s, const char *user,
			const struct sim_fleet_line *line)
{
	bool udp = !strcmp(f->config.transport, "udp");

	s->config = (struct sim_desktop_config){ .server = f->config.sip_server, .user = user };
	s->from = text_format("<sip:%s>", user);
	s->contact =
		text_format("<sip:%.*s@%s;transport=%s>", (int)strcspn(user, "@"), user,
			    udp ? agent_udp(line->agent) : "fleet.invalid", f->config.transport);
	s->line = (struct sim_call_line){
		.agent = line->agent, .route = line->route, .from = s->from, .contact = s->contact
	};
}

bool sim_fleet_open_lines(struct sim_fleet *f)
{
	size_t n_lines = (size_t)f->config.n_connections;

	f->lines = mem_zalloc(n_lines * sizeof(*f->lines));
	f->senders = mem_zalloc(f->config.n_senders * sizeof(*f->senders));
	if (n_lines == 0)
		return f->config.n_flows == 0;
	for (size_t i = 0; i < n_lines; i++)
		if (open_line(f, &f->lines[i]) < 0)
			return false;
	for (size_t i = 0; i < f->config.n_senders; i++)
		make_sender(f, &f->senders[i], f->config.senders[i].aor, &f->lines[i % n_lines]);
	return true;
}

void sim_fleet_close_lines(struct sim_fleet *f)
{
	for (size_t i = 0; i < f->config.n_senders; i++) {
		free(f->senders[i].from);
		free(f->senders[i].contact);
	}
	for (size_t i = 0; i < (size_t)f->config.n_connections; i++) {
		agent_free(f->lines[i].agent);
		free(f->lines[i].route);
	}
	free(f->senders);
	free(f->lines);
}

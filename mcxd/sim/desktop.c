/*
 * Simulated desktop
 */
#include "mcxd/sim/desktop.h"

#include "mcxd/base/loop.h"
#include "mcxd/sim/auth.h"
#include "mcxd/sim/call.h"
#include "mcxd/sim/desktop_config.h"
#include "mcxd/sim/lines.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/stack.h"
#include "proto/sip/name_addr.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>

/* What we ask for; the server may grant less. */
enum { REGISTER_EXPIRES_S = 7200, MAX_MESSAGE_BYTES = 65536, LAST_WORDS_MS = 1000 };

struct sim_desktop {
	struct stack *stack;
	struct loop *loop;
	struct sim_desktop_config config;
	struct sim_report report;
	struct agent *agent;
	struct sim_call call;
	struct sim_auth auth;
	nta_leg_t *registration;
	nta_outgoing_t *registering; /* the REGISTER that has no answer yet */
	struct loop_timer
		refresh; /* time for the next REGISTER; while ending: limit for the next answer */
	bool registered, ending;
	enum sim_outcome outcome;
	struct text route;   /* "sip:127.0.0.1:5060;transport=tcp" */
	struct text from;    /* "\"Alice\" <sip:alice@lab.test>" */
	struct text contact; /* "<sip:alice@127.0.0.1:40000;transport=tcp>" */
};

/* ---- registration ---- */

static nta_response_f on_registered;

static nta_outgoing_t *make_register(struct sim_desktop *d, int expires_s,
				     nta_response_f *on_answer)
{
	CLEANUP(mem_free_string)
	char *domain = text_format("sip:%s", strchr(d->config.user, '@') + 1);
	char expires[TEXT_NUMBER_SIZE];

	return nta_outgoing_tcreate(d->registration, on_answer, (void *)d,
				    agent_url(text_str(&d->route)), SIP_METHOD_REGISTER,
				    agent_url(domain), SIPTAG_CONTACT_STR(text_str(&d->contact)),
				    SIPTAG_EXPIRES_STR(text_number(expires, expires_s)),
				    SIPTAG_USER_AGENT_STR("mcxsim desktop"), TAG_END());
}

static void send_register(struct sim_desktop *d)
{
	d->registering = make_register(d, REGISTER_EXPIRES_S, on_registered);
	if (d->registering)
		return;
	sim_report_problem(&d->report, "%s is not a valid SIP server address", d->config.server);
	sim_desktop_end(d, SIM_UNREACHABLE);
}

static void register_start(struct sim_desktop *d)
{
	d->registration = nta_leg_tcreate(agent_nta(d->agent), NULL, NULL,
					  SIPTAG_FROM_STR(text_str(&d->from)),
					  SIPTAG_TO_STR(text_str(&d->from)), TAG_END());
	nta_leg_tag(d->registration, NULL);
	send_register(d);
}

static void on_refresh(void *magic)
{
	send_register(magic);
}

static void refuse_registration(struct sim_desktop *d, int status, const sip_t *sip)
{
	bool silent = !sip || nta_sip_is_internal(sip);
	const char *diagnostics = silent ? NULL : agent_other_header(sip, "ms-diagnostics");

	sim_report_problem(&d->report,
			   silent ? "cannot reach %s (%d %s)%s%s"
				  : "%s refuses REGISTER: %d %s%s%s",
			   d->config.server, status, sip ? sip->sip_status->st_phrase : "no answer",
			   diagnostics ? "; " : "", diagnostics ? diagnostics : "");
	sim_desktop_end(d, silent ? SIM_UNREACHABLE : SIM_FAILED);
}

static void accept_registration(struct sim_desktop *d, int64_t granted_s)
{
	loop_timer_set(d->loop, &d->refresh, granted_s * 1000 / 2, on_refresh, d);
	if (d->registered)
		return;
	d->registered = true;
	sim_report_event(
		&d->report,
		&(struct sim_event){ .kind = SIM_EVENT_REGISTERED,
				     .summary = d->config.user,
				     .fields = &(struct sim_field){ "peer", d->config.user },
				     .n_fields = 1 });
}

static int on_registered(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct sim_desktop *d = (void *)magic;
	int status = nta_outgoing_status(orq);
	const sip_expires_t *granted = sip ? sip->sip_expires : NULL;

	if (status < 200)
		return 0;
	d->registering = NULL;
	if (sim_auth_take(&d->auth, sip))
		send_register(d);
	else if (status / 100 != 2)
		refuse_registration(d, status, sip);
	else
		accept_registration(d, granted && granted->ex_delta ? (int64_t)granted->ex_delta
								    : REGISTER_EXPIRES_S);
	nta_outgoing_destroy(orq); /* and with it the answer */
	return 0;
}

static int on_unregistered(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct sim_desktop *d = (void *)magic;

	if (nta_outgoing_status(orq) < 200)
		return 0;
	if (sim_auth_take(&d->auth, sip)) {
		nta_outgoing_destroy(orq);
		d->registering = make_register(d, 0, on_unregistered);
		if (d->registering)
			return 0;
	}
	sim_report_end(&d->report, d->outcome);
	return 0;
}

static void on_unregister_timeout(void *magic)
{
	struct sim_desktop *d = magic;

	sim_report_end(&d->report, d->outcome);
}

/* Without the last REGISTER the server would route calls to a desktop that has gone, and count it as an
 * endpoint, until the registration expired. */
static void unregister(void *magic)
{
	struct sim_desktop *d = magic;

	if (d->registering)
		return;
	if (d->registered)
		d->registering = make_register(d, 0, on_unregistered);
	if (d->registering)
		loop_timer_set_real(d->loop, &d->refresh, LAST_WORDS_MS, on_unregister_timeout, d);
	else
		sim_report_end(&d->report, d->outcome);
}

bool sim_desktop_end(struct sim_desktop *d, enum sim_outcome outcome)
{
	if (d->ending)
		return false;
	d->ending = true;
	d->outcome = outcome;
	loop_timer_stop(&d->refresh);
	if (d->registering)
		nta_outgoing_destroy(d->registering);
	d->registering = NULL;
	/* The end of the call is followed by unregister(), too. */
	loop_timer_set_real(d->loop, &d->refresh, LAST_WORDS_MS, unregister, d);
	if (!sim_call_leave(&d->call))
		unregister(d);
	return true;
}

/* ---- life ---- */

static void on_request(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct sim_desktop *d = magic;

	if (d->ending)
		agent_reply(d->agent, irq, 480, NULL, NULL);
	else
		sim_call_on_request(&d->call, irq, sip);
}

static void on_call_over(void *magic, enum sim_outcome outcome)
{
	struct sim_desktop *d = magic;
	bool ending = d->ending; /* before the host may have ended it, being told */

	sim_report_over(&d->report, outcome);
	if (ending)
		unregister(d);
}

static bool signs(const void *magic, const sip_t *sip, uint64_t peer)
{
	const struct sim_desktop *d = magic;

	(void)peer;
	return sim_auth_signs(&d->auth, sip);
}

static void sign(void *magic, const sip_t *sip, uint64_t peer, const struct text *bytes,
		 struct text *ret_lines)
{
	struct sim_desktop *d = magic;

	(void)peer;
	(void)bytes;
	sim_auth_sign(&d->auth, sip, ret_lines);
}

static int make_agent(struct sim_desktop *d)
{
	bool udp = !strcmp(d->config.transport, "udp");
	const struct agent_config config = {
		.udp = udp ? "127.0.0.1:0" : "",
		.tcp = udp ? "" : "127.0.0.1:0",
		.trusted_peers = "0.0.0.0/0 ::/0", /* the server that it was told */
		.max_connections = 16,
		.max_message_bytes = MAX_MESSAGE_BYTES,
		.max_unsent_bytes = INT64_C(8) << 20,
		.handshake_timeout_ms = 10000,
		.message_timeout_ms = 30000,
		.unread_timeout_ms = 30000,
		.max_transactions = 1000,
	};

	return agent_new(&(struct agent_args){ .stack = d->stack,
					       .tls_client = d->config.tls,
					       .hop = d->config.user,
					       .server = "mcxsim desktop",
					       .config = &config,
					       .on_request = on_request,
					       .signer = { .signs = signs, .sign = sign },
					       .magic = d },
			 &d->agent);
}

/* Nobody connects to a desktop by TLS, which would need a certificate: what is for it comes over the connection that it has
 * opened. Its Contact says so with a name that no server can have, as RFC 7118, 5 does. */
static const char *contact_host(const struct sim_desktop *d)
{
	if (!strcmp(d->config.transport, "tls"))
		return "desktop.invalid";
	return !strcmp(d->config.transport, "udp") ? agent_udp(d->agent) : agent_tcp(d->agent);
}

static void name_addresses(struct sim_desktop *d)
{
	const char *server = d->config.server, *user = d->config.user;
	const char *transport = d->config.transport;

	text_add_all(&d->route, "sip:", server, ";transport=", transport);
	name_addr_add_display(&d->from, d->config.name);
	text_addf(&d->from, "%s<sip:%s>", d->config.name ? " " : "", user);
	text_addf(&d->contact, "<sip:%.*s@%s;transport=%s>", (int)strcspn(user, "@"), user,
		  contact_host(d), transport);
}

struct sim_desktop *sim_desktop_new(struct stack *stack, const struct sim_desktop_config *config,
				    const struct sim_ops *ops, void *magic)
{
	struct sim_desktop *d = MEM_NEW(struct sim_desktop);

	d->stack = stack;
	d->loop = stack_loop(stack);
	d->config = *config;
	if (!d->config.transport)
		d->config.transport = "tcp";
	sim_auth_init(&d->auth, d->config.user, d->config.password);
	sim_report_init(&d->report, d->loop, ops, magic);
	sim_call_init(&d->call, &(struct sim_call_args){ .loop = d->loop,
							 .report = &d->report,
							 .config = &d->config,
							 .on_over = on_call_over,
							 .magic = d });
	return d;
}

void sim_desktop_start(struct sim_desktop *d)
{
	if (!sim_desktop_is_address(d->config.user)) {
		sim_report_problem(&d->report, "\"%s\" is not an address such as alice@lab.test",
				   d->config.user);
		sim_desktop_end(d, SIM_FAILED);
		return;
	}
	if (make_agent(d) < 0) {
		sim_report_problem(&d->report, "cannot open a SIP listener on 127.0.0.1");
		sim_desktop_end(d, SIM_FAILED);
		return;
	}
	name_addresses(d);
	sim_call_attach(&d->call, &(struct sim_call_line){ .agent = d->agent,
							   .route = text_str(&d->route),
							   .from = text_str(&d->from),
							   .contact = text_str(&d->contact),
							   .auth = &d->auth });
	if (d->config.dialog)
		sim_call_resume(&d->call, d->config.dialog);
	d->config.dialog = NULL;
	register_start(d);
}

struct sim_desktop *sim_desktop_free(struct sim_desktop *d)
{
	if (!d)
		return NULL;
	sim_report_deinit(&d->report);
	sim_call_deinit(&d->call);
	loop_timer_stop(&d->refresh);
	if (d->registering)
		nta_outgoing_destroy(d->registering);
	if (d->registration)
		nta_leg_destroy(d->registration);
	agent_free(d->agent);
	sim_auth_deinit(&d->auth);
	text_deinit(&d->route);
	text_deinit(&d->from);
	text_deinit(&d->contact);
	free(d);
	return NULL;
}

/* ---- actions ---- */

bool sim_desktop_is_address(const char *s)
{
	const char *at = strchr(s, '@');

	return at && at > s && at[1] && !strpbrk(s, "<> \"\r\n");
}

bool sim_desktop_is_ending(const struct sim_desktop *d)
{
	return d->ending;
}

const char *sim_desktop_contact(const struct sim_desktop *d)
{
	return text_str(&d->contact);
}

bool sim_desktop_is_registered(const struct sim_desktop *d)
{
	return d->registered;
}

bool sim_desktop_save(const struct sim_desktop *d, struct sim_dialog *ret)
{
	return !d->ending && sim_call_save(&d->call, ret);
}

enum sim_call_state sim_desktop_state(const struct sim_desktop *d)
{
	return d->call.state;
}

bool sim_desktop_invite(struct sim_desktop *d, const char *peer, const char *first_line)
{
	CLEANUP(mem_free_string) char *address = NULL;

	if (!d->registered || d->ending)
		return false;
	address = text_concat(peer, strchr(peer, '@') ? "" : strchr(d->config.user, '@'));
	return sim_desktop_is_address(address) && sim_call_invite(&d->call, address, first_line);
}

bool sim_desktop_say(struct sim_desktop *d, const char *text)
{
	return !d->ending && sim_call_say(&d->call, text);
}

bool sim_desktop_has_room(const struct sim_desktop *d)
{
	return d->call.state == SIM_CALL_CONNECTED || d->call.waiting.n < SIM_MAX_LINES;
}

bool sim_desktop_type(struct sim_desktop *d)
{
	return !d->ending && sim_call_type(&d->call);
}

bool sim_desktop_accept(struct sim_desktop *d)
{
	return !d->ending && sim_call_accept(&d->call);
}

bool sim_desktop_decline(struct sim_desktop *d)
{
	return !d->ending && sim_call_decline(&d->call);
}

bool sim_desktop_hang_up(struct sim_desktop *d)
{
	return !d->ending && sim_call_hang_up(&d->call);
}

void sim_desktop_finish(struct sim_desktop *d)
{
	sim_call_finish(&d->call);
}

/*
 * Simulated desktop: command line, registration
 */
#include "mcxd/sim/desktop.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>

#include <getopt.h>
#include <json-c/json.h>
#include <signal.h>
#include <unistd.h>

/* What we ask for; the server may grant less. */
enum { REGISTER_EXPIRES_S = 7200, MAX_MESSAGE_BYTES = 65536, UNREGISTER_MS = 1000 };

static const char usage[] =
	"usage: mcxsim desktop --user AOR [OPTION]... [im USER TEXT]\n"
	"\n"
	"A SIP client: registers, sends an instant message (or waits to be invited), then chats "
	"with\n"
	"what is typed. At the end of the input it hangs up.\n"
	"\n"
	"It registers again at half of the time that the server grants, by this machine's clock: "
	"when\n"
	"the lab's clock is moved farther than that, the server has forgotten it until then.\n"
	"\n"
	"  --ready-file PATH     take the server's address from mcxd's ready file\n"
	"  --server HOST:PORT    or give it (a numeric address)\n"
	"  --transport tcp|udp   default tcp\n"
	"  --user AOR            who we are, as alice@lab.test\n"
	"  --name NAME           display name\n"
	"  --on-invite WHAT      accept (default), decline or ignore\n"
	"  --echo                say back what is said\n"
	"  --hang-up-after N     hang up when N messages have come\n"
	"  --cancel-after MS     take the invitation back after MS of ringing\n"
	"  --repeat-first-line   send the first line again as a MESSAGE (as old clients do)\n"
	"  --json                a JSON object a line\n"
	"\n"
	"Exit: 0 it happened, 1 it did not, 2 usage, 3 no server.\n";

void desktop_end(struct desktop *d, int exit_code)
{
	d->exit_code = exit_code;
	loop_stop(d->loop);
}

void desktop_say(struct desktop *d, const char *event, const char *peer, const char *text)
{
	const struct sim_field fields[] = { { "peer", peer }, { "text", text } };
	CLEANUP(text_deinit) struct text line = TEXT_INIT;

	if (peer && text)
		text_addf(&line, "%s: %s", peer, text);
	else
		text_add(&line, peer ? peer : text);
	sim_event(d->options->json, event, line.n ? text_str(&line) : NULL, fields,
		  ARRAY_SIZE(fields));
}

/* ---- registration ---- */

static nta_response_f on_registered;

static nta_outgoing_t *make_register(struct desktop *d, int expires_s, nta_response_f *on_answer)
{
	CLEANUP(mem_free_string)
	char *domain = text_format("sip:%s", strchr(d->options->user, '@') + 1);
	char expires[TEXT_NUMBER_SIZE];

	return nta_outgoing_tcreate(d->registration, on_answer, (void *)d,
				    agent_url(text_str(&d->route)), SIP_METHOD_REGISTER,
				    agent_url(domain), SIPTAG_CONTACT_STR(text_str(&d->contact)),
				    SIPTAG_EXPIRES_STR(text_number(expires, expires_s)),
				    SIPTAG_USER_AGENT_STR("mcxsim desktop"), TAG_END());
}

static void send_register(struct desktop *d)
{
	d->registering = make_register(d, REGISTER_EXPIRES_S, on_registered);
	if (!d->registering) {
		sim_complain("%s is no address that REGISTER can go to", d->options->server);
		desktop_end(d, SIM_UNREACHABLE);
	}
}

static void register_start(struct desktop *d)
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

static void refuse_registration(struct desktop *d, int status, const sip_t *sip)
{
	bool silent = !sip || nta_sip_is_internal(sip);
	const char *diagnostics = silent ? NULL : agent_other_header(sip, "ms-diagnostics");

	sim_complain(silent ? "%s cannot be reached (%d %s)%s%s" : "%s refuses REGISTER: %d %s%s%s",
		     d->options->server, status, sip ? sip->sip_status->st_phrase : "no answer",
		     diagnostics ? "; " : "", diagnostics ? diagnostics : "");
	desktop_end(d, silent ? SIM_UNREACHABLE : SIM_FAILED);
}

static void accept_registration(struct desktop *d, int64_t granted_s)
{
	loop_timer_set_real(d->loop, &d->refresh, granted_s * 1000 / 2, on_refresh, d);
	if (d->registered)
		return;
	d->registered = true;
	desktop_say(d, "registered", d->options->user, NULL);
	if (d->options->peer)
		call_invite(d);
}

static int on_registered(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct desktop *d = (void *)magic;
	int status = nta_outgoing_status(orq);
	const sip_expires_t *granted = sip ? sip->sip_expires : NULL;

	if (status < 200)
		return 0;
	if (status / 100 != 2)
		refuse_registration(d, status, sip);
	else
		accept_registration(d, granted && granted->ex_delta ? (int64_t)granted->ex_delta
								    : REGISTER_EXPIRES_S);
	d->registering = NULL;
	nta_outgoing_destroy(orq); /* and with it the answer */
	return 0;
}

static int on_unregistered(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct desktop *d = (void *)magic;

	(void)sip;
	if (nta_outgoing_status(orq) >= 200)
		loop_stop(d->loop);
	return 0;
}

static void on_unregister_timeout(void *magic)
{
	struct desktop *d = magic;

	loop_stop(d->loop);
}

/* Whoever just went would be called in vain, and count as an endpoint, until the registration expired. */
static void unregister(struct desktop *d)
{
	loop_timer_stop(&d->refresh);
	if (d->registering)
		nta_outgoing_destroy(d->registering);
	d->registering = d->registered ? make_register(d, 0, on_unregistered) : NULL;
	if (!d->registering)
		return;
	loop_timer_set_real(d->loop, &d->refresh, UNREGISTER_MS, on_unregister_timeout, d);
	loop_run(d->loop);
}

/* ---- callbacks ---- */

static void on_request(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	call_on_request(magic, irq, sip);
}

static void on_line(void *magic, const char *line)
{
	call_line(magic, line);
}

static void on_eof(void *magic)
{
	struct desktop *d = magic;

	d->input_ended = true;
	call_no_more_lines(d);
}

static void on_signal(void *magic, int signo)
{
	(void)signo;
	desktop_end(magic, SIM_FAILED);
}

/* ---- life ---- */

static int make_agent(struct desktop *d)
{
	bool udp = !strcmp(d->options->transport, "udp");
	const struct agent_config config = {
		.udp = udp ? "127.0.0.1:0" : "",
		.tcp = udp ? "" : "127.0.0.1:0",
		.max_connections = 16,
		.max_message_bytes = MAX_MESSAGE_BYTES,
		.first_message_timeout_ms = 30000,
		.max_unread = 1000,
		.unread_timeout_ms = 30000,
		.max_transactions = 1000,
	};
	const char *user = d->options->user;
	const char *at = strchr(user, '@');
	int r = agent_new(&(struct agent_args){ .loop = d->loop,
						.hop = user,
						.server = "mcxsim desktop",
						.config = &config,
						.on_request = on_request,
						.magic = d },
			  &d->agent);

	if (r < 0)
		return r;
	text_addf(&d->route, "sip:%s;transport=%s", d->options->server, d->options->transport);
	text_addf(&d->from, d->options->name ? "\"%s\" <sip:%s>" : "%s<sip:%s>",
		  d->options->name ? d->options->name : "", user);
	text_addf(&d->contact, "<sip:%.*s@%s;transport=%s>", (int)(at - user), user,
		  udp ? agent_udp(d->agent) : agent_tcp(d->agent), d->options->transport);
	return 0;
}

static void desktop_deinit(struct desktop *d)
{
	sim_input_free(d->input);
	call_deinit(d);
	loop_timer_stop(&d->refresh);
	if (d->registering)
		nta_outgoing_destroy(d->registering);
	if (d->registration)
		nta_leg_destroy(d->registration);
	agent_free(d->agent);
	text_deinit(&d->route);
	text_deinit(&d->from);
	text_deinit(&d->contact);
	loop_free(d->loop);
}

static int run(const struct desktop_options *options)
{
	struct desktop d = { .options = options, .exit_code = SIM_FAILED };

	call_init(&d);
	if (loop_new(&d.loop) < 0 || make_agent(&d) < 0) {
		sim_complain("cannot open a SIP listener on 127.0.0.1");
		return SIM_FAILED;
	}
	loop_signal_add(d.loop, SIGINT, on_signal, &d);
	loop_signal_add(d.loop, SIGTERM, on_signal, &d);
	d.input = sim_input_new(d.loop, STDIN_FILENO, on_line, on_eof, &d);
	/* Nothing can be typed, as in a job: who invites has said all that there is to say. */
	d.input_ended = !d.input && options->peer;
	register_start(&d);
	loop_run(d.loop);
	unregister(&d);
	desktop_deinit(&d);
	return d.exit_code;
}

/* ---- command line ---- */

enum {
	OPT_READY_FILE,
	OPT_SERVER,
	OPT_TRANSPORT,
	OPT_USER,
	OPT_NAME,
	OPT_ON_INVITE,
	OPT_ECHO,
	OPT_HANG_UP_AFTER,
	OPT_CANCEL_AFTER,
	OPT_REPEAT,
	OPT_JSON,
	OPT_HELP
};

static const struct option long_options[] = {
	{ "ready-file", required_argument, NULL, OPT_READY_FILE },
	{ "server", required_argument, NULL, OPT_SERVER },
	{ "transport", required_argument, NULL, OPT_TRANSPORT },
	{ "user", required_argument, NULL, OPT_USER },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "on-invite", required_argument, NULL, OPT_ON_INVITE },
	{ "echo", no_argument, NULL, OPT_ECHO },
	{ "hang-up-after", required_argument, NULL, OPT_HANG_UP_AFTER },
	{ "cancel-after", required_argument, NULL, OPT_CANCEL_AFTER },
	{ "repeat-first-line", no_argument, NULL, OPT_REPEAT },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

static bool parse_count(const char *s, long *ret)
{
	char *end;

	*ret = strtol(s, &end, 10);
	return *s && !*end && *ret > 0;
}

/* false: the value makes no sense. */
static bool take_option(struct desktop_options *o, int option, const char **ready_file)
{
	switch (option) {
	case OPT_READY_FILE: *ready_file = optarg; return true;
	case OPT_SERVER: o->server = optarg; return true;
	case OPT_TRANSPORT:
		o->transport = optarg;
		return !strcmp(optarg, "tcp") || !strcmp(optarg, "udp");
	case OPT_USER: o->user = optarg; return strchr(optarg, '@') && !strpbrk(optarg, "<> \"");
	case OPT_NAME: o->name = optarg; return !strpbrk(optarg, "\"\\\r\n");
	case OPT_ON_INVITE:
		o->on_invite = optarg;
		return !strcmp(optarg, "accept") || !strcmp(optarg, "decline") ||
		       !strcmp(optarg, "ignore");
	case OPT_ECHO: o->echo = true; return true;
	case OPT_HANG_UP_AFTER: return parse_count(optarg, &o->hang_up_after);
	case OPT_CANCEL_AFTER: return parse_count(optarg, &o->cancel_after_ms);
	case OPT_REPEAT: o->repeat_first_line = true; return true;
	case OPT_JSON: o->json = true; return true;
	default: return false;
	}
}

static bool take_command(struct desktop_options *o, int argc, char **argv)
{
	if (optind == argc)
		return true;
	if (strcmp(argv[optind], "im") != 0 || argc - optind != 3)
		return false;
	o->peer = argv[optind + 1];
	o->first_line = argv[optind + 2];
	return *o->peer && !strpbrk(o->peer, "<> \"\r\n");
}

/* The address family of SIP here is IPv4 and no resolver is asked: "localhost" is 127.0.0.1. */
static char *numeric_server(const char *server)
{
	if (!strncmp(server, "localhost:", 10))
		return text_format("127.0.0.1:%s", server + 10);
	return mem_strdup(server);
}

/* Who is named without a domain is of our own. */
static char *whole_address(const char *peer, const char *user)
{
	if (!peer || strchr(peer, '@'))
		return mem_strdup(peer);
	return text_format("%s%s", peer, strchr(user, '@'));
}

/* An exit code, or -1 to go on. */
static int parse(struct desktop_options *o, const char **ready_file, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == OPT_HELP) {
			fputs(usage, stdout);
			return SIM_OK;
		}
		if (!take_option(o, option, ready_file)) {
			fputs(usage, stderr);
			return SIM_USAGE;
		}
	}
	if (o->user && take_command(o, argc, argv) && (*ready_file || o->server))
		return -1;
	fputs(usage, stderr);
	return SIM_USAGE;
}

int desktop_main(int argc, char **argv)
{
	struct desktop_options o = { .transport = "tcp", .on_invite = "accept" };
	struct json_object *ready = NULL;
	const char *ready_file = NULL;
	int code = parse(&o, &ready_file, argc, argv);
	char *server, *peer;

	if (code >= 0)
		return code;
	if (ready_file && !(ready = sim_ready_load(ready_file)))
		return SIM_UNREACHABLE;
	if (!o.server)
		o.server =
			sim_ready_get(ready, !strcmp(o.transport, "udp") ? "sip.udp" : "sip.tcp");
	if (o.server) {
		server = numeric_server(o.server);
		peer = whole_address(o.peer, o.user);
		o.server = server;
		o.peer = peer;
		code = run(&o);
		free(server);
		free(peer);
	} else {
		sim_complain("the ready file names no SIP listener for %s", o.transport);
		code = SIM_UNREACHABLE;
	}
	json_object_put(ready);
	return code;
}

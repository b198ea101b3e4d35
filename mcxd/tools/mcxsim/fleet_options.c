/*
 * Options of mcxsim fleet
 */
#include "mcxd/tools/mcxsim/fleet_options.h"

#include "mcxd/base/setting_map.h"
#include "mcxd/sim/fleet/fleet.h"
#include "mcxd/sim/fleet/tally.h"
#include "mcxd/tools/mcxsim/mcxsim.h"
#include "mcxd/tools/mcxsim/names.h"
#include "mcxd/tools/mcxsim/options.h"
#include "mcxd/tools/mcxsim/ready.h"
#include "proto/sip/uri.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WEIGHT = 1000, MAX_PHONES = 100000 };

/* "accept=8" of n bytes. Returns false if it is something else. */
static bool take_weight(int64_t mix[SIM_FLEET_N_KINDS], const char *s, size_t n)
{
	const char *equals = memchr(s, '=', n);
	int64_t weight = 0;

	if (!equals || equals == s + n - 1)
		return false;
	for (const char *p = equals + 1; p < s + n; p++) {
		if (!chars_is_digit(*p) || weight > MAX_WEIGHT)
			return false;
		weight = weight * 10 + (*p - '0');
	}
	for (size_t i = 0; i < SIM_FLEET_N_KINDS; i++) {
		const char *name = sim_fleet_kind_names[i];

		if (strlen(name) == (size_t)(equals - s) && !strncmp(name, s, strlen(name))) {
			mix[i] = weight;
			return weight <= MAX_WEIGHT;
		}
	}
	return false;
}

static bool take_mix(void *slot, const char *value)
{
	int64_t *mix = slot;
	int64_t sum = 0;

	memset(mix, 0, SIM_FLEET_N_KINDS * sizeof(*mix));
	for (;;) {
		size_t n = strcspn(value, ",");

		if (!take_weight(mix, value, n))
			return false;
		if (!value[n])
			break;
		value += n + 1;
	}
	for (size_t i = 0; i < SIM_FLEET_N_KINDS; i++)
		sum += mix[i];
	return sum > 0;
}

static bool take_pattern(void *slot, const char *value)
{
	const char *percent = strchr(value, '%');
	CLEANUP(mem_free_string) char *first = mem_strdup(value);

	*(const char **)slot = value;
	if (!percent || strchr(percent + 1, '%'))
		return false;
	first[percent - value] = '0';
	return uri_is_aor(first);
}

static const struct option_type mix = {
	take_mix, "weights such as accept=8,ignore=1 of accept, slow, flaky, ignore, decline"
};
static const struct option_type pattern = { take_pattern, "an address such as m%@lab.test" };

#define MEMBER(name) offsetof(struct fleet_options, name)

static const struct option_row rows[] = {
	{ "ready-file", "PATH", &option_text, MEMBER(ready_file),
	  "mcxd's ready file; provides all addresses" },
	{ "sip", "HOST:PORT", &option_text, MEMBER(fleet.sip_server),
	  "SIP listener, for the senders" },
	{ "transport", "tcp|tls|udp", &option_transport, MEMBER(fleet.transport),
	  "of SIP (default: tcp)" },
	{ "server", "URL", &option_url, MEMBER(fleet.server),
	  "base URL of the server, for the phones" },
	{ "http", NULL, &option_flag, MEMBER(plain_http),
	  "phones use the HTTP listener that the ready file names, instead of HTTPS" },
	{ "push-service-url", "URL", &option_url, MEMBER(fleet.push_service_url),
	  "push service to get channels from" },
	{ "ca", "FILE", &option_text, MEMBER(fleet.ca_file), "certificates to trust (PEM)" },
	{ "host", "NAME=ADDRESS", &names_option, MEMBER(hosts),
	  "address of a host, in place of looking it up; may be repeated" },
	{ "users", "PATTERN", &pattern, MEMBER(users),
	  "users that exist: m%@lab.test is m0@lab.test, m1@lab.test, ..., first those with "
	  "phones, "
	  "then the senders. Without it, users are added to the lab, and removed at the end" },
	{ "password", "PASSWORD", &option_text, MEMBER(password), "of all of them" },
	{ "phones", "N", &option_number, MEMBER(n_phones), "default: 10" },
	{ "senders", "N", &option_number, MEMBER(n_senders), "default: 10" },
	{ "connections", "N", &option_number, MEMBER(fleet.n_connections),
	  "SIP connections that the senders share (default: 4)" },
	{ "rate", "N", &option_number, MEMBER(fleet.rate), "flows a second (default: 10)" },
	{ "flows", "N", &option_number, MEMBER(fleet.n_flows),
	  "how many in all (default: one for each phone)" },
	{ "hold", NULL, &option_flag, MEMBER(hold),
	  "no flows and no senders: sign in, say how many phones wait, and stay until SIGINT" },
	{ "open", NULL, &option_flag, MEMBER(fleet.open),
	  "phones keep the app open: they hold an event request, and wait for no toasts" },
	{ "mix", "KIND=WEIGHT,...", &mix, MEMBER(fleet.mix),
	  "what phones do (default: accept=6,slow=1,flaky=1,ignore=1,decline=1)" },
	{ "slow", "MS", &option_number, MEMBER(fleet.slow_ms),
	  "how long a slow one leaves its toast (default: 1000)" },
	{ "flaky", "MS", &option_number, MEMBER(fleet.flaky_ms),
	  "how long a flaky one has no network (default: 500)" },
	{ "rest", "MS", &option_number, MEMBER(fleet.rest_ms),
	  "of a phone between two flows (default: none). The server sends no push while it counts "
	  "a "
	  "phone as awake, for core.phone_linger after its last event request" },
	{ "patience", "SECONDS", &option_number, MEMBER(patience_s),
	  "after which a flow is lost (default: 90)" },
	{ "json", NULL, &option_flag, MEMBER(json), "print the result as JSON" },
	{ "junit", "FILE", &option_text, MEMBER(junit), "also write it as JUnit XML" },
};

static const struct option_table table = {
	.command = "fleet",
	.usage =
		"usage: mcxsim fleet --ready-file PATH [OPTION]...\n"
		"\n"
		"Many phones that wait in the background, or with --open for events, and senders\n"
		"who invite them at a rate.\n"
		"In a flow a sender invites, and the phone does what the mix says:\n"
		"\n"
		"  accept   opens the toast; two messages each way; the sender hangs up\n"
		"  slow     the same, after a while\n"
		"  flaky    loses its network as the toast comes, and accepts after a while\n"
		"  ignore   leaves the toast; the sender is to get 408\n"
		"  decline  opens the toast and declines; the sender is to get 603\n"
		"\n"
		"A flow that goes otherwise is lost. Prints how long the steps took and what went\n"
		"wrong. SIGINT begins no more flows; a second one drops those that are open.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
};

/* ---- what was left out ---- */

static void fill(const char **slot, struct json_object *ready, const char *name)
{
	if (!*slot)
		*slot = ready_get(ready, name);
}

static int complete(struct fleet_options *o)
{
	struct sim_fleet_config *c = &o->fleet;
	CLEANUP(mem_free_string) char *listener = text_concat("sip.", c->transport);

	if (o->ready_file) {
		o->ready = ready_load(o->ready_file);
		if (!o->ready)
			return MCXSIM_UNREACHABLE;
		fill(&c->sip_server, o->ready, listener);
		fill(&c->server, o->ready, o->plain_http ? "http" : "https");
		fill(&c->ca_file, o->ready, "ca");
		fill(&c->push_service_url, o->ready, "push_service");
		fill(&o->lab_socket, o->ready, "lab_socket");
	}
	c->n_phones = (size_t)o->n_phones;
	if (o->hold)
		o->n_senders = c->n_flows = 0;
	c->n_senders = (size_t)o->n_senders;
	c->patience_ms = o->patience_s * 1000;
	if (!c->n_flows && !o->hold)
		c->n_flows = o->n_phones;
	if (c->n_connections > o->n_senders)
		c->n_connections = o->n_senders;
	return -1;
}

static int check(const struct fleet_options *o)
{
	const struct sim_fleet_config *c = &o->fleet;

	if (!c->sip_server && !o->hold)
		return options_refuse(&table,
				      "no SIP listener for %s given (--ready-file or --sip)",
				      c->transport);
	if (!c->server)
		return options_refuse(&table, "no %s server given (--ready-file or --server)",
				      o->plain_http ? "HTTP" : "HTTPS");
	if (!c->push_service_url && !c->open)
		return options_refuse(&table, "no push service given (--push-service-url)");
	if (o->n_phones > MAX_PHONES || o->n_senders > MAX_PHONES)
		return options_refuse(&table, "more than %d phones or senders", MAX_PHONES);
	if (!o->users != !o->password)
		return options_refuse(&table, "--users and --password go together");
	if (!o->users && !o->lab_socket)
		return options_refuse(
			&table,
			"no users given (--users), and no lab to add them to (--ready-file)");
	if (!strcmp(c->transport, "tls") && !c->ca_file)
		return options_refuse(&table, "TLS needs certificates to trust (--ca)");
	return -1;
}

int fleet_options_parse(int argc, char **argv, struct fleet_options *ret)
{
	int code;

	*ret = (struct fleet_options){
		.fleet = { .transport = "tcp",
			   .n_connections = 4,
			   .rate = 10,
			   .slow_ms = 1000,
			   .flaky_ms = 500,
			   .mix = { [SIM_FLEET_ACCEPT] = 6,
				    [SIM_FLEET_IGNORE] = 1,
				    [SIM_FLEET_DECLINE] = 1,
				    [SIM_FLEET_SLOW] = 1,
				    [SIM_FLEET_FLAKY] = 1 } },
		.n_phones = 10,
		.n_senders = 10,
		.patience_s = 90,
	};
	code = options_parse(&table, argc, argv, ret);
	if (code < 0 && optind < argc)
		code = options_refuse(&table, "unexpected argument \"%s\"", argv[optind]);
	if (code < 0)
		code = complete(ret);
	if (code < 0)
		code = check(ret);
	return code;
}

void fleet_options_deinit(struct fleet_options *o)
{
	json_object_put(o->ready);
	setting_map_deinit(&o->hosts);
}

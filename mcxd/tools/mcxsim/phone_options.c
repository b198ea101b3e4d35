/*
 * Options of mcxsim phone
 */
#include "mcxd/tools/mcxsim/phone_options.h"

#include "mcxd/base/setting_map.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/sim.h"
#include "mcxd/tools/mcxsim/mcxsim.h"
#include "mcxd/tools/mcxsim/names.h"
#include "mcxd/tools/mcxsim/options.h"
#include "mcxd/tools/mcxsim/ready.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"

#include <getopt.h>
#include <stdlib.h>

static bool take_aor(void *slot, const char *value)
{
	*(const char **)slot = value;
	return uri_is_aor(value);
}

/* slot is the whole configuration. */
static bool take_reactions(void *slot, const char *value)
{
	struct sim_phone_config *c = slot;

	c->n_on_toast = 0;
	for (;;) {
		size_t n = strcspn(value, ",");

		if (c->n_on_toast == SIM_PHONE_MAX_REACTIONS ||
		    !sim_reaction_parse(value, n, &c->on_toast[c->n_on_toast++]))
			return false;
		if (!value[n])
			return true;
		value += n + 1;
	}
}

static const struct option_type aor = { take_aor, "an address such as bob@lab.test" };
static const struct option_type reactions = {
	take_reactions, "up to 16 times accept, decline or ignore, separated by commas"
};

#define MEMBER(name) offsetof(struct phone_options, name)

static const struct option_row rows[] = {
	{ "ready-file", "PATH", &option_text, MEMBER(ready_file),
	  "mcxd's ready file; provides --server, --ca and --push-service-url" },
	{ "server", "URL", &option_url, MEMBER(phone.server),
	  "base URL of the server, or the URL where autodiscover starts" },
	{ "host", "NAME=ADDRESS", &names_option, MEMBER(hosts),
	  "address of a host that the server's links name; may be repeated. Hosts of --server and "
	  "--push-service-url are looked up at the start, others are not" },
	{ "ca", "FILE", &option_text, MEMBER(phone.ca_file), "certificates to trust (PEM)" },
	{ "user", "ADDRESS", &aor, MEMBER(phone.user), "who signs in, such as bob@lab.test" },
	{ "password", "PASSWORD", &option_text, MEMBER(phone.password),
	  "the user's password; without it, the environment's MCXSIM_PASSWORD" },
	{ "push-service-url", "URL", &option_url, MEMBER(phone.push_service_url),
	  "push service to get a channel from; without one there are no pushes" },
	{ "user-agent", "TEXT", &option_text, MEMBER(phone.user_agent),
	  "what the phone calls itself" },
	{ "phone-name", "TEXT", &option_text, MEMBER(phone.phone_name),
	  "the phone's name at the push service (default: the user's address)" },
	{ "endpoint-id", "ID", &option_text, MEMBER(phone.endpoint_id),
	  "come back as the application with this id (default: a new one)" },
	{ "iphone", NULL, &option_flag, MEMBER(phone.iphone),
	  "be an iPhone, which is reached by APNs" },
	{ "no-toasts", NULL, &option_flag, MEMBER(phone.no_toasts),
	  "of a Windows Phone: the user wants no toasts" },
	{ "background", NULL, &option_flag, MEMBER(phone.background),
	  "wait for toasts in the background instead of staying in the foreground" },
	{ "on-toast", "WHAT,...", &reactions, MEMBER(phone),
	  "accept, decline or ignore the first, second, ... toast; the last applies to all "
	  "further ones (default: accept)" },
	{ "on-invite", "WHAT", &option_reaction, MEMBER(phone.on_invite),
	  "accept, decline or ignore invitations in the foreground (default: accept)" },
	{ "say", "TEXT", &option_text, MEMBER(phone.say), "send this once connected" },
	{ "echo", NULL, &option_flag, MEMBER(phone.echo),
	  "send every message back, including the first line" },
	{ "hang-up-after", "N", &option_number, MEMBER(phone.hang_up_after),
	  "end a conversation after N messages; the first line counts" },
	{ "count", "N", &option_number, MEMBER(count),
	  "exit after N conversations; an ignored toast counts as one" },
	{ "timeout", "SECONDS", &option_number, MEMBER(timeout_s),
	  "give up after this time, with exit status 1" },
	{ "sign-out", NULL, &option_flag, MEMBER(phone.sign_out),
	  "delete application and channel at the end; a real phone stays signed in" },
	{ "json", NULL, &option_flag, MEMBER(json), "print events as JSON, an object a line" },
};

static const struct option_table table = {
	.command = "phone",
	.usage =
		"usage: mcxsim phone --user ADDRESS --password PASSWORD [OPTION]... [im USER "
		"TEXT]\n"
		"\n"
		"A mobile client: signs in, writes to somebody (or waits to be invited), and then\n"
		"sends the lines of standard input to the open conversation; /help, typed there,\n"
		"lists its commands. Prints a line per event. The server is named by --ready-file\n"
		"or --server.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.clients = SIM_OF_PHONE,
};

/* ---- what was left out ---- */

static void fill(const char **slot, struct json_object *ready, const char *name)
{
	if (!*slot)
		*slot = ready_get(ready, name);
}

static int complete(struct phone_options *o)
{
	if (o->ready_file) {
		o->ready = ready_load(o->ready_file);
		if (!o->ready)
			return MCXSIM_UNREACHABLE;
		fill(&o->phone.server, o->ready, "https");
		fill(&o->phone.server, o->ready, "http");
		fill(&o->phone.ca_file, o->ready, "ca");
		fill(&o->phone.push_service_url, o->ready, "push_service");
	}
	if (!o->phone.password)
		o->phone.password = getenv("MCXSIM_PASSWORD");
	return -1;
}

static int check(const struct phone_options *o)
{
	const struct sim_phone_config *c = &o->phone;

	if (!c->server && o->ready_file)
		return options_refuse(&table, "%s names no HTTPS or HTTP listener", o->ready_file);
	if (!c->server)
		return options_refuse(&table, "no server given (--ready-file or --server)");
	if (!c->user)
		return options_refuse(&table, "no user given (--user)");
	if (!c->password)
		return options_refuse(&table, "no password given (--password or MCXSIM_PASSWORD)");
	if (c->background && !c->push_service_url)
		return options_refuse(&table,
				      "--background needs a push service (--push-service-url)");
	return -1;
}

int phone_options_parse(int argc, char **argv, struct phone_options *ret)
{
	int code;

	*ret = (struct phone_options){ 0 };
	code = options_parse(&table, argc, argv, ret);
	if (code < 0)
		code = options_take_im(&table, argc - optind, argv + optind, &ret->phone.im_to,
				       &ret->phone.im_text);
	if (code < 0)
		code = complete(ret);
	if (code < 0)
		code = check(ret);
	return code;
}

void phone_options_deinit(struct phone_options *o)
{
	json_object_put(o->ready);
	setting_map_deinit(&o->hosts);
}

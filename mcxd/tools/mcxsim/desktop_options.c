/*
 * Options of mcxsim desktop
 */
#include "mcxd/tools/mcxsim/desktop_options.h"

#include "mcxd/base/setting_map.h"
#include "mcxd/sim/desktop.h"
#include "mcxd/sim/desktop_config.h"
#include "mcxd/sim/sim.h"
#include "mcxd/tools/mcxsim/mcxsim.h"
#include "mcxd/tools/mcxsim/names.h"
#include "mcxd/tools/mcxsim/options.h"
#include "mcxd/tools/mcxsim/out.h"
#include "mcxd/tools/mcxsim/ready.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <getopt.h>

static bool take_address(void *slot, const char *value)
{
	*(const char **)slot = value;
	return sim_desktop_is_address(value);
}

static bool take_name(void *slot, const char *value)
{
	*(const char **)slot = value;
	return !strpbrk(value, "\"\\\r\n");
}

static const struct option_type address = { take_address, "an address such as alice@lab.test" };
static const struct option_type name = { take_name,
					 "a name without quotes, backslashes and line breaks" };

#define MEMBER(name) offsetof(struct desktop_options, name)

static const struct option_row rows[] = {
	{ "ready-file", "PATH", &option_text, MEMBER(ready_file),
	  "mcxd's ready file; provides --server and --ca" },
	{ "server", "HOST:PORT", &option_text, MEMBER(desktop.server),
	  "SIP listener of the server; a name is looked up at the start" },
	{ "host", "NAME=ADDRESS", &names_option, MEMBER(hosts),
	  "address of a host, in place of looking it up; may be repeated" },
	{ "transport", "tcp|tls|udp", &option_transport, MEMBER(desktop.transport),
	  "default: tcp" },
	{ "ca", "FILE", &option_text, MEMBER(ca_file),
	  "with --transport tls: certificates to trust (PEM)" },
	{ "user", "ADDRESS", &address, MEMBER(desktop.user),
	  "who registers, such as alice@lab.test" },
	{ "name", "NAME", &name, MEMBER(desktop.name), "display name" },
	{ "password", "PASSWORD", &option_text, MEMBER(desktop.password),
	  "to answer the server's challenges with (Digest)" },
	{ "on-invite", "WHAT", &option_reaction, MEMBER(desktop.on_invite),
	  "accept, decline or ignore invitations (default: accept)" },
	{ "echo", NULL, &option_flag, MEMBER(desktop.echo), "send every message back" },
	{ "hang-up-after", "N", &option_number, MEMBER(desktop.hang_up_after),
	  "hang up after receiving N messages" },
	{ "cancel-after", "MS", &option_number, MEMBER(desktop.cancel_after_ms),
	  "cancel the invitation after MS milliseconds of ringing" },
	{ "repeat-first-line", NULL, &option_flag, MEMBER(desktop.repeat_first_line),
	  "send the first line again as a MESSAGE, as old clients do" },
	{ "json", NULL, &option_flag, MEMBER(json), "print events as JSON, an object a line" },
};

static const struct option_table table = {
	.command = "desktop",
	.usage =
		"usage: mcxsim desktop --user ADDRESS [OPTION]... [im USER TEXT]\n"
		"\n"
		"A SIP client: registers, sends an instant message (or waits to be invited), and\n"
		"then sends the lines of standard input; /help, typed there, lists its commands.\n"
		"Prints a line per event. The server is named by --ready-file or --server.\n"
		"\n"
		"At the end of a file or pipe, it waits for the answer to its invitation, and "
		"hangs\n"
		"up when all was said. At the end of a terminal's input (Ctrl-D), it cancels an\n"
		"invitation that is ringing; on SIGINT or SIGTERM, it also ends a conversation at\n"
		"once. A second signal ends it without waiting for the server's answers.\n"
		"\n"
		"It registers again after half of the time that the server grants, measured in\n"
		"real time. If the lab's clock is advanced by more than the granted time, the\n"
		"desktop is unregistered until then.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.clients = SIM_OF_DESKTOP,
};

static int find_server(struct desktop_options *o)
{
	CLEANUP(mem_free_string) char *listener = text_concat("sip.", o->desktop.transport);

	if (o->ready_file) {
		o->ready = ready_load(o->ready_file);
		if (!o->ready)
			return MCXSIM_UNREACHABLE;
	}
	if (!o->desktop.server)
		o->desktop.server = ready_get(o->ready, listener);
	if (!o->ca_file)
		o->ca_file = ready_get(o->ready, "ca");
	if (o->desktop.server)
		return -1;
	out_complain("%s names no listener %s", o->ready_file, listener);
	return MCXSIM_UNREACHABLE;
}

int desktop_options_parse(int argc, char **argv, struct desktop_options *ret)
{
	int code;

	*ret = (struct desktop_options){ .desktop = { .transport = "tcp" } };
	code = options_parse(&table, argc, argv, ret);
	if (code < 0)
		code = options_take_im(&table, argc - optind, argv + optind, &ret->peer,
				       &ret->first_line);
	if (code < 0 && !ret->desktop.user)
		code = options_refuse(&table, "no user given (--user)");
	if (code < 0 && !ret->desktop.server && !ret->ready_file)
		code = options_refuse(&table, "no server given (--ready-file or --server)");
	if (code < 0)
		code = find_server(ret);
	if (code < 0 && !strcmp(ret->desktop.transport, "tls") && !ret->ca_file)
		code = options_refuse(&table, "TLS needs certificates to trust (--ca)");
	return code;
}

void desktop_options_deinit(struct desktop_options *o)
{
	json_object_put(o->ready);
	setting_map_deinit(&o->hosts);
}

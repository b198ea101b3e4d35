/*
 * mcxsim
 */
#include "mcxd/tools/mcxsim/mcxsim.h"

#include "mcxd/base/version.h"
#include "mcxd/sip/stack.h"
#include "mcxd/tools/mcxsim/out.h"
#include "proto/text/mem.h"

static const struct {
	const char *name;
	mcxsim_command_h *run;
	const char *help;
} commands[] = {
	{ "phone", phone_main, "a mobile client: HTTPS, push notifications" },
	{ "desktop", desktop_main, "a SIP client: registers, invites, chats" },
	{ "fleet", fleet_main, "many phones and senders, for load" },
};

static void print_help(void)
{
	puts("usage: mcxsim COMMAND [OPTION]...\n"
	     "\n"
	     "Simulated clients that use only the public interfaces of a lab.\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].help);
	puts("\n"
	     "mcxsim COMMAND --help describes a command; mcxsim --version prints the version.");
}

int main(int argc, char **argv)
{
	const char *name = argc < 2 ? "" : argv[1];

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	if (!strcmp(name, "--help") || !strcmp(name, "help")) {
		print_help();
		return MCXSIM_OK;
	}
	if (!strcmp(name, "--version")) {
		printf("mcxsim %s, %s\n", version_text, stack_library);
		return MCXSIM_OK;
	}
	if (!*name)
		out_complain("no command given; mcxsim --help lists them");
	else
		out_complain("unknown %s \"%s\"; mcxsim --help lists them",
			     *name == '-' ? "option" : "command", name);
	return MCXSIM_USAGE;
}

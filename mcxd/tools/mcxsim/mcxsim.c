/*
 * mcxsim
 */
#include "mcxd/sim/sim.h"

static const struct {
	const char *name;
	sim_command_h *run;
	const char *help;
} commands[] = {
	{ "phone", phone_main, "a mobile client: HTTPS, push, toasts" },
	{ "desktop", desktop_main, "a SIP client: registers, invites, chats" },
};

static void print_usage(FILE *out)
{
	fputs("usage: mcxsim COMMAND [OPTION]...\n\nSimulated clients of a lab:\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("\nmcxsim COMMAND --help tells more.\n", out);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_usage(stderr);
		return SIM_USAGE;
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		print_usage(stdout);
		return SIM_OK;
	}
	sim_complain("there is no command \"%s\"", argv[1]);
	print_usage(stderr);
	return SIM_USAGE;
}

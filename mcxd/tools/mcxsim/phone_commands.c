/*
 * Commands of mcxsim phone
 */
#include "mcxd/sim/phone/phone.h"
#include "mcxd/sim/sim.h"
#include "mcxd/tools/mcxsim/commands.h"
#include "mcxd/tools/mcxsim/out.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"

static void do_im(void *client, const char *words)
{
	struct sim_phone *p = client;
	size_t n = strcspn(words, " ");
	CLEANUP(mem_free_string) char *user = mem_memdup(words, n);

	if (!uri_is_aor(user))
		out_complain("whom to write to? /im bob@lab.test Hello");
	else
		sim_phone_im(p, user, words + n + strspn(words + n, " "));
}

static void do_accept(void *client, const char *words)
{
	struct sim_phone *p = client;

	(void)words;
	sim_phone_accept(p);
}

static void do_decline(void *client, const char *words)
{
	struct sim_phone *p = client;

	(void)words;
	sim_phone_decline(p);
}

static void do_open(void *client, const char *words)
{
	struct sim_phone *p = client;

	(void)words;
	sim_phone_to_foreground(p);
}

static void do_away(void *client, const char *words)
{
	struct sim_phone *p = client;

	(void)words;
	if (!sim_phone_to_background(p) && sim_phone_phase(p) == SIM_PHONE_FOREGROUND)
		out_complain("a phone without a push channel (--push-service-url) cannot be woken");
}

static void do_typing(void *client, const char *words)
{
	struct sim_phone *p = client;

	(void)words;
	sim_phone_type(p);
}

static void do_end(void *client, const char *words)
{
	struct sim_phone *p = client;

	(void)words;
	if (!sim_phone_hang_up(p))
		out_complain("no conversation is open");
}

static void do_quit(void *client, const char *words)
{
	struct sim_phone *p = client;

	(void)words;
	sim_phone_end(p, SIM_DONE);
}

static const struct command_row rows[] = {
	{ "/im", do_im, "USER TEXT: write to somebody" },
	{ "/accept", do_accept, "accept the invitation that is waiting" },
	{ "/decline", do_decline, "decline it" },
	{ "/open", do_open, "bring the app to the foreground" },
	{ "/away", do_away, "send it to the background" },
	{ "/typing", do_typing, "show the other side that you are typing" },
	{ "/end", do_end, "end the conversation" },
	{ "/quit", do_quit, "end the program" },
};

const struct command_table phone_commands = { rows, ARRAY_SIZE(rows) };

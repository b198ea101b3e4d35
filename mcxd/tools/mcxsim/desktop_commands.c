/*
 * Commands of mcxsim desktop
 */
#include "mcxd/sim/desktop.h"
#include "mcxd/sim/sim.h"
#include "mcxd/tools/mcxsim/commands.h"
#include "mcxd/tools/mcxsim/out.h"
#include "proto/text/mem.h"

/* Why a command cannot be followed. */
static void refuse(struct sim_desktop *d, const char *command)
{
	static const char *const doing[SIM_N_CALL_STATES] = {
		[SIM_CALL_IDLE] = "nobody is ringing, and no conversation is open",
		[SIM_CALL_INVITING] = "an invitation is ringing; /cancel takes it back",
		[SIM_CALL_INVITED] = "somebody is ringing; /accept or /decline",
		[SIM_CALL_CONNECTED] = "a conversation is open; /bye ends it",
		[SIM_CALL_ENDING] = "the conversation is just being ended",
	};

	if (sim_desktop_is_registered(d))
		out_complain("cannot %s: %s", command, doing[sim_desktop_state(d)]);
	else
		out_complain("cannot %s: not registered yet", command);
}

static void do_im(void *client, const char *words)
{
	size_t n = strcspn(words, " ");
	CLEANUP(mem_free_string) char *user = mem_memdup(words, n);
	const char *text = words + n + strspn(words + n, " ");

	if (!*user || !*text)
		out_complain("to whom, and what? /im bob@lab.test Hello");
	else if (!sim_desktop_is_registered(client) || sim_desktop_state(client) != SIM_CALL_IDLE)
		refuse(client, "invite");
	else if (!sim_desktop_invite(client, user, text))
		out_complain("%s cannot be invited", user);
}

static void do_accept(void *client, const char *words)
{
	(void)words;
	if (!sim_desktop_accept(client))
		refuse(client, "accept");
}

static void do_decline(void *client, const char *words)
{
	(void)words;
	if (!sim_desktop_decline(client))
		refuse(client, "decline");
}

static void do_cancel(void *client, const char *words)
{
	(void)words;
	if (sim_desktop_state(client) != SIM_CALL_INVITING || !sim_desktop_hang_up(client))
		refuse(client, "cancel");
}

static void do_bye(void *client, const char *words)
{
	(void)words;
	if (sim_desktop_state(client) != SIM_CALL_CONNECTED || !sim_desktop_hang_up(client))
		refuse(client, "hang up");
}

static void do_quit(void *client, const char *words)
{
	(void)words;
	sim_desktop_end(client, SIM_DONE);
}

static const struct command_row rows[] = {
	{ "/im", do_im, "USER TEXT: write to somebody" },
	{ "/accept", do_accept, "accept the invitation that is waiting (--on-invite ignore)" },
	{ "/decline", do_decline, "decline it" },
	{ "/cancel", do_cancel, "take your own invitation back while it rings" },
	{ "/bye", do_bye, "end the conversation" },
	{ "/quit", do_quit, "cancel or end the conversation, and end the program" },
};

const struct command_table desktop_commands = { rows, ARRAY_SIZE(rows) };

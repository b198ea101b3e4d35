/*
 * Slash commands
 */
#include "mcxd/tools/mcxsim/slash.h"

#include "mcxd/sim/phone/phone.h"
#include "mcxd/sim/sim.h"
#include "mcxd/tools/mcxsim/out.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"

static void do_im(struct sim_phone *p, const char *words)
{
	size_t n = strcspn(words, " ");
	CLEANUP(mem_free_string) char *user = mem_memdup(words, n);

	if (!uri_is_aor(user))
		out_complain("whom to write to? /im bob@lab.test Hello");
	else
		sim_phone_im(p, user, words + n + strspn(words + n, " "));
}

static void do_accept(struct sim_phone *p, const char *words)
{
	(void)words;
	if (!sim_phone_accept(p))
		out_complain("no invitation is waiting for an answer");
}

static void do_decline(struct sim_phone *p, const char *words)
{
	(void)words;
	if (!sim_phone_decline(p))
		out_complain("no invitation is waiting for an answer");
}

static void do_open(struct sim_phone *p, const char *words)
{
	(void)words;
	sim_phone_to_foreground(p);
}

static void do_away(struct sim_phone *p, const char *words)
{
	(void)words;
	if (!sim_phone_to_background(p) && sim_phone_phase(p) == SIM_PHONE_FOREGROUND)
		out_complain("a phone without a push channel (--push-service-url) cannot be woken");
}

static void do_typing(struct sim_phone *p, const char *words)
{
	(void)words;
	sim_phone_type(p);
}

static void do_end(struct sim_phone *p, const char *words)
{
	(void)words;
	if (!sim_phone_hang_up(p))
		out_complain("no conversation is open");
}

static void do_quit(struct sim_phone *p, const char *words)
{
	(void)words;
	sim_phone_end(p, SIM_DONE);
}

static void do_help(struct sim_phone *p, const char *words);

static const struct {
	const char *name;
	void (*run)(struct sim_phone *p, const char *words); /* words: behind the name */
	const char *help;
} commands[] = {
	{ "/im", do_im, "USER TEXT: write to somebody" },
	{ "/accept", do_accept, "accept the invitation that is waiting" },
	{ "/decline", do_decline, "decline it" },
	{ "/open", do_open, "bring the app to the foreground" },
	{ "/away", do_away, "send it to the background" },
	{ "/typing", do_typing, "show the other side that you are typing" },
	{ "/end", do_end, "end the conversation" },
	{ "/quit", do_quit, "end the program" },
	{ "/help", do_help, "print this list; //... sends a message that begins with a slash" },
};

static void do_help(struct sim_phone *p, const char *words)
{
	(void)p;
	(void)words;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(stderr, "%-10s %s\n", commands[i].name, commands[i].help);
}

void slash_run(struct sim_phone *phone, const char *line)
{
	size_t n = strcspn(line, " ");

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strlen(commands[i].name) == n && !strncmp(line, commands[i].name, n)) {
			commands[i].run(phone, line + n + strspn(line + n, " "));
			return;
		}
	}
	out_complain("unknown command \"%s\"; /help lists them", line);
}

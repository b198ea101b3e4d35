/*
 * Standard input of the simulated phone
 */
#include "mcxd/sim/phone/phone.h"

#include <unistd.h>

enum { MAX_UNSENT = 1000 };

static void do_accept(struct sim_phone *h)
{
	struct chat *c = chat_current(h, true);

	if (c)
		chat_answer(c, REACT_ACCEPT);
	else
		sim_complain("nobody is waiting for an answer");
}

static void do_decline(struct sim_phone *h)
{
	struct chat *c = chat_current(h, true);

	if (c)
		chat_answer(c, REACT_DECLINE);
	else
		sim_complain("nobody is waiting for an answer");
}

static void do_open(struct sim_phone *h)
{
	if (h->phase == PHASE_BACKGROUND)
		sim_phone_to_foreground(h);
}

static void do_away(struct sim_phone *h)
{
	if (h->phase == PHASE_FOREGROUND && h->carrier)
		sim_phone_to_background(h);
	else if (h->phase == PHASE_FOREGROUND)
		sim_complain(
			"there is no push channel (--push-service-url), so nothing would wake it");
}

static void do_typing(struct sim_phone *h)
{
	struct chat *c = chat_current(h, false);

	if (c)
		chat_type(c);
}

static void do_end(struct sim_phone *h)
{
	struct chat *c = chat_current(h, false);

	if (c)
		chat_hang_up(c);
	else
		sim_complain("there is no conversation");
}

static void do_quit(struct sim_phone *h)
{
	sim_phone_end(h, SIM_OK);
}

static void do_help(struct sim_phone *h);

static const struct {
	const char *name;
	void (*run)(struct sim_phone *h);
	const char *help;
} commands[] = {
	{ "/accept", do_accept, "take the invitation that waits" },
	{ "/decline", do_decline, "refuse it" },
	{ "/open", do_open, "bring the app to the foreground" },
	{ "/away", do_away, "send it to the background" },
	{ "/typing", do_typing, "tell the other side that a message is being written" },
	{ "/end", do_end, "end the conversation" },
	{ "/quit", do_quit, "end the program" },
	{ "/help", do_help, "this list; //… sends a message that begins with a slash" },
};

static void do_help(struct sim_phone *h)
{
	(void)h;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(stderr, "%-10s %s\n", commands[i].name, commands[i].help);
}

static void run_command(struct sim_phone *h, const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(line, commands[i].name)) {
			commands[i].run(h);
			return;
		}
	}
	sim_complain("%s is no command (see /help)", line);
}

static void keep(struct sim_phone *h, const char *text)
{
	struct line *l;

	if (h->n_unsent >= MAX_UNSENT) {
		sim_complain("too many lines wait for a conversation");
		return;
	}
	l = MEM_NEW(struct line);
	l->text = mem_strdup(text);
	list_append(&h->unsent, &l->of_list);
	h->n_unsent++;
}

void line_on_read(void *magic, const char *line)
{
	struct sim_phone *h = magic;
	struct chat *c = chat_current(h, false);

	h->has_lines = true;
	if (h->phase == PHASE_ENDING || !*line)
		return;
	sim_phone_touch(h);
	if (line[0] == '/' && line[1] != '/') {
		run_command(h, line);
		return;
	}
	line += line[0] == '/';
	if (c)
		chat_say(c, line);
	else
		keep(h, line);
}

void line_flush(struct chat *c)
{
	struct sim_phone *h = c->phone;

	list_for_each_safe (node, &h->unsent) {
		struct line *l = LIST_ENTRY(node, struct line, of_list);

		chat_say(c, l->text);
		list_remove(&l->of_list);
		free(l->text);
		free(l);
	}
	h->n_unsent = 0;
}

/* Whoever wrote nothing at all was never there. */
void line_on_eof(void *magic)
{
	struct sim_phone *h = magic;
	bool terminal = isatty(STDIN_FILENO);

	if (!terminal && !h->has_lines)
		return;
	h->eof = true;
	if (terminal)
		list_for_each_safe (node, &h->chats)
			chat_hang_up(LIST_ENTRY(node, struct chat, of_phone));
	sim_phone_check_end(h);
}

/*
 * Actor: the lines of its conversations
 */
#include "mcxd/base/list.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "web/lab/actor/actor.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

static const char *const line_state_names[N_LINE_STATES] = {
	[LINE_RECEIVED] = "received", [LINE_WAITING] = "waiting", [LINE_SENT] = "sent",
	[LINE_FAILED] = "failed",     [LINE_NOTE] = "note",
};

struct line {
	struct list of_actor;
	enum line_state state;
	char *peer; /* address; NULL: nobody's */
	char *name, *text;
	uint64_t talk; /* while it waits: the number of its conversation; 0: that has not begun */
};

static struct line *line_of(struct list *node)
{
	return LIST_ENTRY(node, struct line, of_actor);
}

static void line_free(struct actor *a, struct line *l)
{
	list_remove(&l->of_actor);
	a->n_lines--;
	free(l->peer);
	free(l->name);
	free(l->text);
	free(l);
}

void actor_add_line(struct actor *a, const struct actor_line *line)
{
	struct line *l = MEM_NEW(struct line);

	l->state = line->state;
	l->peer = mem_strdup(line->peer);
	l->name = mem_strdup(line->name);
	l->text = mem_strdup(line->text ? line->text : "");
	list_append(&a->lines, &l->of_actor);
	if (++a->n_lines > a->lab->config->max_actor_lines)
		line_free(a, line_of(a->lines.next));
}

void actor_wrote(struct actor *a, const struct actor_talk *t, const char *peer, const char *text)
{
	actor_add_line(a, &(struct actor_line){ LINE_WAITING, t ? t->peer : peer,
						t ? t->name : NULL, text });
	line_of(a->lines.prev)->talk = t ? t->number : 0;
}

void actor_invited(struct actor *a, const struct actor_talk *t)
{
	list_for_each (node, &a->lines) {
		struct line *l = line_of(node);

		if (l->state != LINE_WAITING || l->talk || strcmp(l->text, t->first_line) != 0)
			continue;
		l->talk = t->number;
		return;
	}
}

/* They are sent in the order in which they were written. The first line of an invitation may be sent a second time,
 * as a message. */
void actor_settle_line(struct actor *a, const char *text, enum line_state state)
{
	list_for_each (node, &a->lines) {
		struct line *l = line_of(node);

		if (l->state != LINE_WAITING || strcmp(l->text, text) != 0)
			continue;
		l->state = state;
		return;
	}
}

void actor_fail_line(struct actor *a, const char *text)
{
	for (struct list *node = a->lines.prev; node != &a->lines; node = node->prev) {
		struct line *l = line_of(node);

		if (l->state != LINE_SENT || strcmp(l->text, text) != 0)
			continue;
		l->state = LINE_FAILED;
		return;
	}
}

void actor_fail_lines(struct actor *a, const struct actor_talk *t)
{
	list_for_each (node, &a->lines) {
		struct line *l = line_of(node);

		if (l->state == LINE_WAITING && (!t || l->talk == t->number))
			l->state = LINE_FAILED;
	}
}

void actor_drop_lines(struct actor *a)
{
	list_for_each_safe (node, &a->lines)
		line_free(a, line_of(node));
}

struct json_object *actor_lines_json(const struct actor *a)
{
	struct json_object *lines = json_object_new_array();

	list_for_each (node, &a->lines) {
		const struct line *l = line_of(node);
		struct json_object *o = json_object_new_object();

		json_out_string(o, "peer", l->peer);
		json_out_string(o, "name", l->name);
		json_out_string(o, "state", line_state_names[l->state]);
		json_out_string(o, "text", l->text);
		json_object_array_add(lines, o);
	}
	return lines;
}

static enum line_state state_of(const char *name)
{
	enum line_state state = LINE_RECEIVED;

	while (state < N_LINE_STATES && strcmp(line_state_names[state], name) != 0)
		state++;
	return state;
}

bool actor_knows_line(const char *state)
{
	return state_of(state) < N_LINE_STATES;
}

/* Nothing sends what has waited. */
void actor_put_line(struct actor *a, const char *state, const struct actor_line *line)
{
	struct actor_line known = *line;

	known.state = state_of(state);
	if (known.state == LINE_WAITING)
		known.state = LINE_FAILED;
	actor_add_line(a, &known);
}

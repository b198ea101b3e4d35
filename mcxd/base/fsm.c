/*
 * State machine
 */
#include "mcxd/base/fsm.h"

#include "mcxd/base/journal.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"

#include <assert.h>
#include <inttypes.h>

#define CATEGORY  "fsm"
#define MAX_DEPTH 64

/* The machines whose actions are running, innermost last; NULL in place of one that has ended meanwhile. It
 * mirrors the call stack, so there is one for all machines. */
static struct {
	const struct fsm *machines[MAX_DEPTH];
	size_t n;
} running;

static const struct fsm_row *find_row(const struct fsm_table *table, int state, int event)
{
	for (size_t i = 0; i < table->n_rows; i++)
		if (table->rows[i].state == state && table->rows[i].event == event)
			return &table->rows[i];
	return NULL;
}

static const char *event_name(const struct fsm_table *table, int event)
{
	return event >= 0 && event < table->n_events ? table->events[event] : "?";
}

const char *fsm_state_name(const struct fsm *m)
{
	return m->table->states[m->state].name;
}

const char *fsm_label(const struct fsm *m)
{
	static char label[80];

	snprintf(label, sizeof(label), "%s(%" PRIu64 "){%s}", m->table->name, m->id,
		 fsm_state_name(m));
	return label;
}

static void on_timeout(void *magic)
{
	struct fsm *m = magic;

	fsm_feed(m, m->table->states[m->state].timeout_event, NULL);
}

static void start_timeout(struct fsm *m)
{
	const struct fsm_state *state = &m->table->states[m->state];
	int64_t ms;

	loop_timer_stop(&m->timer);
	if (state->timeout_event < 0 || !state->timeout_ms || !m->env || !m->env->loop)
		return;
	ms = state->timeout_ms(m->object);
	if (ms > 0)
		loop_timer_set(m->env->loop, &m->timer, ms, on_timeout, m);
}

void fsm_init(struct fsm *m, const struct fsm_table *table, const struct fsm_env *env, void *object,
	      uint64_t id, const char *key)
{
	*m = (struct fsm){ .table = table, .env = env, .object = object, .id = id };
	snprintf(m->key, sizeof(m->key), "%s", key ? key : "");
	start_timeout(m);
}

void fsm_deinit(struct fsm *m)
{
	loop_timer_stop(&m->timer);
	for (size_t i = 0; i < running.n; i++)
		if (running.machines[i] == m)
			running.machines[i] = NULL;
}

void fsm_restart_timeout(struct fsm *m)
{
	start_timeout(m);
}

static void record_move(const struct fsm *m, const char *from, const char *event)
{
	const char *to = fsm_state_name(m);
	CLEANUP(text_deinit) struct text summary = TEXT_INIT, deadline = TEXT_INIT;
	struct record_field fields[] = {
		{ "machine", m->table->name },
		{ "from_state", from },
		{ "event", event },
		{ "to_state", to },
		{ "deadline", NULL },
	};

	log_debug(CATEGORY, fsm_label(m), "%s: %s -> %s", event, from, to);
	if (!m->env || !journal_is_on(m->env->journal))
		return;
	if (loop_timer_is_set(&m->timer)) {
		timestamp_add(&deadline, loop_timer_due_wall_us(&m->timer), TIMESTAMP_US);
		fields[ARRAY_SIZE(fields) - 1].value = text_str(&deadline);
	}
	text_add_all(&summary, m->table->name, "(");
	text_add_number(&summary, m->id);
	text_add_all(&summary, ") ", event, ": ", from, " -> ", to);
	journal_add(m->env->journal, &(struct record){
					     .kind = "state",
					     .key = m->key[0] ? m->key : NULL,
					     .summary = text_str(&summary),
					     .fields = fields,
					     .n_fields = ARRAY_SIZE(fields),
				     });
}

/* The only function that assigns state. */
static void move(struct fsm *m, const struct fsm_row *row)
{
	const char *from = fsm_state_name(m);

	if (row->next == FSM_STAY)
		return;
	m->state = row->next;
	start_timeout(m);
	record_move(m, from, event_name(m->table, row->event));
}

/* An action may feed further events, and may end the object: then the machine is not touched again. */
static void act(struct fsm *m, const struct fsm_row *row, void *data)
{
	assert(running.n < MAX_DEPTH);
	running.machines[running.n++] = m;
	if (row->action)
		row->action(m->object, data);
	if (running.machines[--running.n])
		assert(!m->table->invariant || m->table->invariant(m->object));
}

bool fsm_feed(struct fsm *m, int event, void *data)
{
	const struct fsm_row *row = find_row(m->table, m->state, event);

	if (!row) {
		if (m->env)
			metric_inc(m->env->unexpected);
		log_warn(CATEGORY, fsm_label(m), "unexpected event %s",
			 event_name(m->table, event));
		return false;
	}
	move(m, row);
	act(m, row, data);
	return true;
}

bool fsm_allows(const struct fsm *m, int event)
{
	return find_row(m->table, m->state, event) != NULL;
}

static const char *wrong(const char *what, const char *state, const char *event)
{
	static char message[160];

	snprintf(message, sizeof(message), "%s%s%s%s%s", what, state ? ": " : "",
		 state ? state : "", event ? " x " : "", event ? event : "");
	return message;
}

static const char *check_names(const struct fsm_table *t)
{
	if (!t->name || t->n_states < 1)
		return wrong("no name or no states", NULL, NULL);
	for (int i = 0; i < t->n_states; i++)
		if (!t->states[i].name)
			return wrong("state without a name", NULL, NULL);
	for (int i = 0; i < t->n_events; i++)
		if (!t->events[i])
			return wrong("event without a name", NULL, NULL);
	return NULL;
}

static const char *check_row(const struct fsm_table *t, const struct fsm_row *row)
{
	const char *state, *event;

	if (row->state < 0 || row->state >= t->n_states || row->event < 0 ||
	    row->event >= t->n_events || row->next < FSM_STAY || row->next >= t->n_states)
		return wrong("row out of range", NULL, NULL);
	state = t->states[row->state].name;
	event = t->events[row->event];
	if (t->states[row->state].final)
		return wrong("row out of a final state", state, event);
	if (find_row(t, row->state, row->event) != row)
		return wrong("twice", state, event);
	return NULL;
}

static const char *check_timeout(const struct fsm_table *t, int i)
{
	const struct fsm_state *state = &t->states[i];

	if (state->timeout_event < 0)
		return NULL;
	if (state->timeout_event >= t->n_events)
		return wrong("timeout event out of range", state->name, NULL);
	if (!state->timeout_ms)
		return wrong("timeout event without a time", state->name, NULL);
	if (!find_row(t, i, state->timeout_event))
		return wrong("no row for the timeout", state->name,
			     t->events[state->timeout_event]);
	return NULL;
}

/* Mark the first state, and along the rows whatever a marked state leads to, until nothing new is marked. */
static const char *check_reachable(const struct fsm_table *t)
{
	CLEANUP(mem_free_string) char *reached = mem_zalloc((size_t)t->n_states);
	bool more = true;

	reached[0] = 1;
	while (more) {
		more = false;
		for (size_t i = 0; i < t->n_rows; i++) {
			const struct fsm_row *row = &t->rows[i];

			if (row->next == FSM_STAY || !reached[row->state] || reached[row->next])
				continue;
			reached[row->next] = 1;
			more = true;
		}
	}
	for (int i = 0; i < t->n_states; i++)
		if (!reached[i])
			return wrong("cannot be reached", t->states[i].name, NULL);
	return NULL;
}

const char *fsm_check(const struct fsm_table *table)
{
	const char *what = check_names(table);

	for (size_t i = 0; !what && i < table->n_rows; i++)
		what = check_row(table, &table->rows[i]);
	for (int i = 0; !what && i < table->n_states; i++)
		what = check_timeout(table, i);
	return what ? what : check_reachable(table);
}

void fsm_to_dot(const struct fsm_table *table, struct text *out)
{
	text_addf(out, "digraph \"%s\" {\n", table->name);
	for (int i = 0; i < table->n_states; i++)
		text_addf(out, "\t\"%s\" [shape=%s];\n", table->states[i].name,
			  table->states[i].final ? "doublecircle" : "ellipse");
	for (size_t i = 0; i < table->n_rows; i++) {
		const struct fsm_row *row = &table->rows[i];
		int next = row->next == FSM_STAY ? row->state : row->next;
		bool timeout = table->states[row->state].timeout_event == row->event;

		text_addf(out, "\t\"%s\" -> \"%s\" [label=\"%s\"%s];\n",
			  table->states[row->state].name, table->states[next].name,
			  table->events[row->event], timeout ? ", style=dashed" : "");
	}
	text_add(out, "}\n");
}

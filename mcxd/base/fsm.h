/*
 * State machine
 *
 * A machine is a table: state x event -> next state and action. One function assigns state. An event that the
 * table does not allow in the present state is counted, logged with machine, state and event, and changes
 * nothing. A state can have a timeout, which arrives as an ordinary event.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "proto/text/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fsm;
struct journal;
struct metric;

/** Called after the state was assigned, so that an action may feed further events. data is what fsm_feed() was
 *  given. */
typedef void fsm_action(void *object, void *data);

enum { FSM_STAY = -1 };

struct fsm_row {
	int state;
	int event;
	int next;           /* or FSM_STAY */
	fsm_action *action; /* may be NULL */
};

struct fsm_state {
	const char *name;
	bool final;        /* no row may leave it */
	int timeout_event; /* fed after timeout_ms() in this state; -1: none */
	int64_t (*timeout_ms)(const void *object); /* called on entry; <= 0: no timeout this time */
};

struct fsm_table {
	const char *name; /* "conv" */
	const struct fsm_state *states;
	int n_states;
	const char *const *events;
	int n_events;
	const struct fsm_row *rows;
	size_t n_rows;
	bool (*invariant)(const void *object); /* asserted after every event; may be NULL */
};

/** The table of a file that has states[], events[], rows[] and, or NULL, an invariant. */
#define FSM_TABLE(name_, invariant_)                                                               \
	{                                                                                          \
		.name = (name_), .states = states, .n_states = ARRAY_SIZE(states),                 \
		.events = events, .n_events = ARRAY_SIZE(events), .rows = rows,                    \
		.n_rows = ARRAY_SIZE(rows), .invariant = (invariant_),                             \
	}

/** Where machines report. Any member may be NULL. */
struct fsm_env {
	struct loop *loop;
	struct journal *journal;
	struct metric *unexpected; /* counts events that the table does not allow */
};

struct fsm {
	const struct fsm_table *table;
	const struct fsm_env *env;
	void *object;
	uint64_t id;
	int state;
	char key[40]; /* the correlation key of its journal records, "conv:17"; may be empty */
	struct loop_timer timer;
};

/** Start in state 0, with its timeout. env and key may be NULL. */
void fsm_init(struct fsm *m, const struct fsm_table *table, const struct fsm_env *env, void *object,
	      uint64_t id, const char *key);

/** The timeout of the present state begins anew. */
void fsm_restart_timeout(struct fsm *m);

/** Stop the timeout. A zeroed machine, which was never started, is fine. */
void fsm_deinit(struct fsm *m);

/** Feed an event. Returns whether the table allowed it. The object may be gone on return, if an action freed
 *  it. */
bool fsm_feed(struct fsm *m, int event, void *data);
bool fsm_allows(const struct fsm *m, int event);
const char *fsm_state_name(const struct fsm *m);

/** "conv(17){ALERTING}" in a static buffer, for log lines: the next call overwrites it. */
const char *fsm_label(const struct fsm *m);

/** Check a table: every name is there, every row in range, no row leaves a final state, no state x event occurs
 *  twice, every state can be reached, every timeout event is allowed in its state. Returns NULL, or what is
 *  wrong, in a static buffer. */
const char *fsm_check(const struct fsm_table *table);

struct text;
/** The table as a Graphviz digraph. */
void fsm_to_dot(const struct fsm_table *table, struct text *out);

/*
 * Tally
 *
 * What a fleet has done so far: how many flows went as their kind is meant to go, how long each step took, and what
 * went wrong how often.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What the phone does when its toast comes, and what the sender is to get: X(constant, name, status). */
#define SIM_FLEET_KINDS(X)                                                                         \
	X(ACCEPT, "accept", 200)                                                                   \
	X(IGNORE, "ignore", 408)                                                                   \
	X(DECLINE, "decline", 603)                                                                 \
	X(SLOW, "slow", 200)                                                                       \
	X(FLAKY, "flaky", 200)

enum sim_fleet_kind {
#define X(constant, name, status) SIM_FLEET_##constant,
	SIM_FLEET_KINDS(X)
#undef X
		SIM_FLEET_N_KINDS
};

extern const char *const sim_fleet_kind_names[SIM_FLEET_N_KINDS];
extern const int sim_fleet_kind_statuses[SIM_FLEET_N_KINDS];

/* X(constant, name, from when to when). */
#define SIM_FLEET_STEPS(X)                                                                         \
	X(TRYING, "100", "from INVITE to 100")                                                     \
	X(RINGING, "180", "from INVITE to 180")                                                    \
	X(PUSH, "push", "from INVITE to the toast on the phone")                                   \
	X(EVENT, "event", "from INVITE to the invitation in an open app")                          \
	X(ACCEPTED, "200", "from INVITE to 200")                                                   \
	X(TIMED_OUT, "408", "from INVITE to 408")                                                  \
	X(MESSAGE, "message", "from 200 to the phone's first message at the sender")               \
	X(REPLY, "reply", "from the sender's message to the phone's reply")

enum sim_fleet_step {
#define X(constant, name, help) SIM_FLEET_##constant,
	SIM_FLEET_STEPS(X)
#undef X
		SIM_FLEET_N_STEPS
};

extern const char *const sim_fleet_step_names[SIM_FLEET_N_STEPS];
extern const char *const sim_fleet_step_helps[SIM_FLEET_N_STEPS];

enum { SIM_FLEET_MAX_ERRORS = 50 };

struct sim_fleet_error {
	char *text;
	enum sim_fleet_kind kind; /* of the flow; SIM_FLEET_N_KINDS: of no flow */
	int64_t n;
};

struct sim_fleet_times {
	int32_t *us;
	size_t n, room;
};

struct sim_tally {
	int64_t n_signed_in, n_started, n_late;
	int64_t n_good[SIM_FLEET_N_KINDS], n_lost[SIM_FLEET_N_KINDS];
	int64_t n_errors; /* all of them, those of flows and others */
	struct sim_fleet_times times[SIM_FLEET_N_STEPS];
	struct sim_fleet_error errors[SIM_FLEET_MAX_ERRORS]; /* the last stands for all others */
	size_t n_texts;
};

void sim_tally_deinit(struct sim_tally *t);

void sim_tally_time(struct sim_tally *t, enum sim_fleet_step step, int64_t us);
void sim_tally_error(struct sim_tally *t, enum sim_fleet_kind kind, const char *text);

/** Sums over all kinds. */
int64_t sim_tally_good(const struct sim_tally *t);
int64_t sim_tally_lost(const struct sim_tally *t);

/** How long a step took at most in this part of the flows, 0.5 for half of them, in microseconds (nearest
 *  rank); -1: nobody took it. Sorts the times. */
int64_t sim_tally_percentile(struct sim_tally *t, enum sim_fleet_step step, double part);

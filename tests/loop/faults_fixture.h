/*
 * Every joint of a lab in one process, and a stranger who sends something over it
 *
 * What the stranger sends is answered by the room at the joint, whatever it is. Lab time stands still unless a test moves it.
 */
#pragma once

#include "front_end_fixture.h"

#include "mcxd/base/fault.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/edge/edge.h"
#include "raw.h"

#include <stdbool.h>
#include <stdint.h>

struct push_service;
struct ucwa;

struct stage {
	struct front_end_fixture *f;
	struct edge_config edge_config;
	struct edge *edge;
	struct clearing_house_config clearing_house_config;
	struct clearing_house *clearing_house;
	struct push_service *push_service;
	struct ucwa *ucwa;
	char *addresses[N_FAULT_JOINTS];
	unsigned n_sent;
	struct raw r;
};

int faults_setup(void **state);
int faults_teardown(void **state);

bool is_sip(enum fault_joint where);

void set(struct stage *s, const struct fault_rule *rules, size_t n);
/** How often the first rule has struck. */
int64_t struck(const struct stage *s);

/** Send the nth request; the same number is a repetition. */
void send_nth(unsigned n, enum fault_joint where, struct raw *r);
/** Send the next one by a new connection, s->r. */
void ask(struct stage *s, enum fault_joint where);
/** Break a joint like this, ask, and wait until it strikes. */
void begin(struct stage *s, enum fault_joint where, const struct fault_rule *like);

/** What has come so far. */
const char *come(struct stage *s);
/** Of an answer; 0: it is none. */
int status_of(const char *in);
/** Run until there is an answer, for at most five seconds. */
void expect_answer(struct stage *s);
/** Nothing has come, and the connection is there. */
void expect_nothing(struct stage *s);
/** Mend everything; then there is an answer again. */
void mend(struct stage *s, enum fault_joint where);

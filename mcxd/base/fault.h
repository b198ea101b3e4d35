/*
 * Faults
 *
 * A table of rules that a lab breaks joints with: where, what, how often and for whom. A room asks it where it takes something,
 * and acts itself; so what a joint can do is what its room knows to do, and the rest is refused when a rule is set. Each
 * strike is a record of the journal. With the same seed, the same requests are struck.
 */
#pragma once

#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct faults;
struct journal;

enum fault_what {
	FAULT_STATUS, /* answer with a status */
	FAULT_DELAY,  /* handle it later */
	FAULT_DROP,   /* lose it */
	FAULT_RESET,
	FAULT_CLOSE,
	FAULT_SLOW,
	FAULT_GARBAGE,
	FAULT_SILENCE, /* take it, and never answer */
	N_FAULT_WHATS
};

extern const char *const fault_what_names[N_FAULT_WHATS];

/* X(CONSTANT, name, what it can do, whether it is known for whom a message is) */
/* clang-format off */
#define FAULT_JOINTS(X) \
	X(FRONT_END_EDGE, "front-end\u2192edge", FAULT_BY_SIP, false) \
	X(EDGE_CLEARING_HOUSE, "edge\u2192clearing-house", FAULT_BY_SIP, false) \
	X(CLEARING_HOUSE_PUSH_SERVICE, "clearing-house\u2192push-service", FAULT_BY_HTTP, false) \
	X(PUSH_SERVICE_PHONE, "push-service\u2192phone", FAULT_BY_HTTP, false) \
	X(PHONE_FRONT_END, "phone\u2192front-end", FAULT_HELD, true) \
	X(SIP_PEER, "sip-peer\u2192front-end", FAULT_BY_SIP, true)
/* clang-format on */

enum {
	FAULT_BY_SIP = 1 << FAULT_STATUS | 1 << FAULT_DROP,
	FAULT_BY_HTTP = 1 << FAULT_STATUS | 1 << FAULT_DELAY | 1 << FAULT_SILENCE,
	FAULT_HELD = 1 << FAULT_STATUS | 1 << FAULT_SILENCE
};

enum fault_joint {
#define X(constant, name, can, has_user) FAULT_##constant,
	FAULT_JOINTS(X)
#undef X
		N_FAULT_JOINTS
};

struct fault_joint_row {
	const char *name;
	unsigned can; /* 1 << FAULT_… */
	bool has_user;
};

extern const struct fault_joint_row fault_joints[N_FAULT_JOINTS];

/** By name; N_… for an unknown one. */
enum fault_joint fault_joint_of(const char *name);
enum fault_what fault_what_of(const char *name);

/** At most one of times, nth and probability is not 0; without any it strikes always. */
struct fault_rule {
	enum fault_joint where;
	enum fault_what what;
	int status;          /* FAULT_STATUS: 400 to 699, over HTTP to 599 */
	int64_t ms;          /* FAULT_DELAY: by the lab's clock */
	int64_t times;       /* the first so many */
	int64_t nth;         /* this one only, from 1 */
	int64_t probability; /* one in so many */
	const char *user;    /* AoR; NULL: for everybody */
	int64_t struck;      /* so far */
};

/** journal may be NULL. */
struct faults *faults_new(struct journal *journal);
struct faults *faults_free(struct faults *f);

/** Replace all rules at once; strings are copied. Returns 0, or -EINVAL with a sentence in why and the rules as they
 *  were. */
int faults_set(struct faults *f, const struct fault_rule *rules, size_t n, uint64_t seed,
	       struct text *why);
/** The rules as they are; valid until they are set again. */
const struct fault_rule *faults_rules(const struct faults *f, size_t *ret_n);
uint64_t faults_seed(const struct faults *f);

/** What passes a joint. */
struct fault_passing {
	enum fault_joint where;
	const char *users[2]; /* AoRs of whom it is about; may be NULL */
	const char *key;      /* of its records in the journal; may be NULL */
};

struct fault_strike {
	enum fault_what what;
	int status;
	int64_t ms;
};

/** Whether a rule strikes; then it has been recorded. f may be NULL. */
bool faults_strike(struct faults *f, const struct fault_passing *p, struct fault_strike *ret);

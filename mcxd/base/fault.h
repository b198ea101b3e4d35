/*
 * Faults
 *
 * A table of rules that a lab breaks joints with: where, what, how often and for whom. A room asks it where it takes something,
 * and acts itself. A hop is one thing: it is asked at the side that takes, once for each request. Rules are asked in their order,
 * and the first that strikes is the only one. Each strike is a record of the journal. With the same seed, the same requests are
 * struck.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/record.h"
#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct faults;
struct journal;

enum fault_what {
	FAULT_STATUS,  /* answer with a status */
	FAULT_DELAY,   /* handle it later */
	FAULT_DROP,    /* lose it */
	FAULT_RESET,   /* end its connection with RST, without an answer */
	FAULT_CLOSE,   /* the same in order, with FIN */
	FAULT_SLOW,    /* answer in pieces */
	FAULT_GARBAGE, /* answer with bytes that mean nothing */
	FAULT_SILENCE, /* hold it without an answer until the fault is mended */
	N_FAULT_WHATS
};

enum { FAULT_MAX_MS = 86400000 }; /* a day */

extern const char *const fault_what_names[N_FAULT_WHATS];
extern const char *const fault_what_help[N_FAULT_WHATS]; /* what becomes of a request, for people */

/* X(CONSTANT, name, the hop that takes, the highest status that its protocol has) */
/* clang-format off */
#define FAULT_JOINTS(X) \
	X(FRONT_END_EDGE, "front-end\u2192edge", RECORD_HOP_EDGE, 699) \
	X(EDGE_CLEARING_HOUSE, "edge\u2192clearing-house", RECORD_HOP_CLEARING_HOUSE, 699) \
	X(CLEARING_HOUSE_PUSH_SERVICE, "clearing-house\u2192push-service", RECORD_HOP_PUSH_SERVICE, 599) \
	X(PUSH_SERVICE_PHONE, "push-service\u2192phone", RECORD_HOP_PUSH_SERVICE, 599) \
	X(PHONE_FRONT_END, "phone\u2192front-end", RECORD_HOP_FRONT_END, 599) \
	X(SIP_PEER, "sip-peer\u2192front-end", RECORD_HOP_FRONT_END, 699)
/* clang-format on */

enum fault_joint {
#define X(constant, name, hop, max_status) FAULT_##constant,
	FAULT_JOINTS(X)
#undef X
		N_FAULT_JOINTS
};

struct fault_joint_row {
	const char *name;
	const char *hop; /* as in struct record */
	int max_status;
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
	int64_t ms;          /* FAULT_DELAY and FAULT_SLOW: by the lab's clock */
	int64_t times;       /* the first so many */
	int64_t nth;         /* this one only, from 1 */
	int64_t probability; /* one in so many */
	const char *user;    /* AoR; NULL: for everybody */
	int64_t struck;      /* so far */
	int64_t seen;        /* so far: what it might have struck */
};

/** journal may be NULL. */
struct faults *faults_new(struct loop *l, struct journal *journal);
/** Nothing is held any more. */
struct faults *faults_free(struct faults *f);

/** Somebody takes what goes over this joint, and asks; has_connections: some of it comes by TCP. A rule for a joint at which
 *  nobody asks is refused, and so is one that ends connections where there are none. f may be NULL. */
void faults_attend(struct faults *f, enum fault_joint where, bool has_connections);

/** Whether a rule can say this. */
bool faults_can(const struct faults *f, enum fault_joint where, enum fault_what what);

/** Replace all rules at once; strings are copied. A rule that was there before keeps what it holds; what the others hold goes on,
 *  after this has returned. Returns 0, or -EINVAL with a sentence in why and the rules as they were. */
int faults_set(struct faults *f, const struct fault_rule *rules, size_t n, uint64_t seed,
	       struct text *why);
/** Whether they could be set; as faults_set(), but nothing changes. */
int faults_check(const struct faults *f, const struct fault_rule *rules, size_t n,
		 struct text *why);
/** Add a rule before all others, which keep their counts and what they hold. Returns its number, which no other rule ever had;
 *  or 0, with a sentence in why. */
uint64_t faults_add(struct faults *f, const struct fault_rule *rule, struct text *why);
/** Remove the rule with this number; what it holds goes on. One that is gone is fine. */
void faults_remove(struct faults *f, uint64_t id);
/** Remove the rules for this user, or with NULL all of them; what they hold is lost. */
void faults_reset(struct faults *f, const char *user);
/** The rules as they are; valid until they are set again. */
const struct fault_rule *faults_rules(const struct faults *f, size_t *ret_n);
uint64_t faults_seed(const struct faults *f);
/** Whether the rule can strike again: one of a number of times, or of a single one, is used up after that. */
bool fault_can_strike(const struct fault_rule *r);
/** Whether there is any rule; f may be NULL. */
bool faults_are_set(const struct faults *f);

/** What passes a joint. */
struct fault_passing {
	enum fault_joint where;
	bool is_datagram;     /* it has no connection that could be ended or slow */
	const char *users[2]; /* AoRs of whom it is about; may be NULL */
	const char *key;      /* of its records in the journal; may be NULL */
};

enum { FAULT_TEXT_SIZE = 128 };

struct fault_strike {
	enum fault_what what;
	int status;
	int64_t ms;
	uint64_t rule;              /* its number, which no other rule ever had */
	char text[FAULT_TEXT_SIZE]; /* "Fault 1 of 3: status 503" */
	enum fault_joint where;
	size_t place;   /* of the rule among the others */
	int64_t struck; /* by it, with this one */
};

/** Whether a rule strikes. Each strike is to be recorded by faults_record(). f may be NULL. */
bool faults_strike(struct faults *f, const struct fault_passing *p, struct fault_strike *ret);
void faults_record(const struct faults *f, const struct fault_strike *s,
		   const struct fault_passing *p);

/** Bytes that are neither text nor a message: each has its highest bit set. The same ones with the same seed. */
enum { FAULT_GARBAGE_BYTES = 64 };
void faults_garbage(struct faults *f, char ret[FAULT_GARBAGE_BYTES]);

/* ---- holding ---- */

enum fault_over {
	FAULT_TIME_IS_UP,
	FAULT_MENDED, /* the rule is gone: what is held goes on */
	FAULT_LOST    /* the lab is reset: what is held is forgotten */
};

/** The hold is over already, and may be freed or used again. */
typedef void fault_over_h(void *magic, enum fault_over how);

/** Embedded in what is held because of a strike. Zeroed memory holds nothing. The struct must not move meanwhile. */
struct fault_hold {
	struct list of_faults;
	uint64_t rule;
	struct loop_timer timer;
	enum fault_over how;
	fault_over_h *on_over;
	void *magic;
};

/** Hold until ms of the lab's clock have passed (0: without an end), or the rule is gone. */
void faults_hold(struct faults *f, struct fault_hold *h, const struct fault_strike *s, int64_t ms,
		 fault_over_h *on_over, void *magic);
/** Stop holding; on_over is not called. */
void fault_hold_end(struct fault_hold *h);

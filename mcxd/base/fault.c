/*
 * Faults
 */
#include "mcxd/base/fault.h"

#include "mcxd/base/journal.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <strings.h>

const char *const fault_what_names[N_FAULT_WHATS] = {
	[FAULT_STATUS] = "status",   [FAULT_DELAY] = "delay",     [FAULT_DROP] = "drop",
	[FAULT_RESET] = "reset",     [FAULT_CLOSE] = "close",     [FAULT_SLOW] = "slow",
	[FAULT_GARBAGE] = "garbage", [FAULT_SILENCE] = "silence",
};

const struct fault_joint_row fault_joints[N_FAULT_JOINTS] = {
#define X(constant, name, can, has_user) [FAULT_##constant] = { name, can, has_user },
	FAULT_JOINTS(X)
#undef X
};

struct faults {
	struct journal *journal;
	struct fault_rule *rules;
	char **users;    /* of the rules */
	int64_t *n_seen; /* by each rule: what it might have struck */
	size_t n;
	uint64_t seed, random;
};

enum fault_joint fault_joint_of(const char *name)
{
	unsigned i = 0;

	while (i < N_FAULT_JOINTS && strcmp(fault_joints[i].name, name) != 0)
		i++;
	return (enum fault_joint)i;
}

enum fault_what fault_what_of(const char *name)
{
	unsigned i = 0;

	while (i < N_FAULT_WHATS && strcmp(fault_what_names[i], name) != 0)
		i++;
	return (enum fault_what)i;
}

/* ---- setting ---- */

static void check_what(const struct fault_rule *r, struct text *why)
{
	const struct fault_joint_row *joint = &fault_joints[r->where];
	int max = joint->can & 1 << FAULT_SILENCE ? 599 : 699;

	if (joint->can & 1 << r->what) {
		if (r->what == FAULT_STATUS && (r->status < 400 || r->status > max))
			text_addf(why, "The status must be from 400 to %d there.", max);
		else if (r->what == FAULT_DELAY && r->ms < 1)
			text_add(why, "A delay needs \"ms\", from 1.");
		return;
	}
	text_addf(why, "At %s %s is not possible; possible are:", joint->name,
		  fault_what_names[r->what]);
	for (int i = 0; i < N_FAULT_WHATS; i++)
		if (joint->can & 1 << i)
			text_add_all(why, " ", fault_what_names[i]);
	text_add(why, ".");
}

static int check(const struct fault_rule *r, struct text *why)
{
	check_what(r, why);
	if (why->n)
		return -EINVAL;
	if (!!r->times + !!r->nth + !!r->probability > 1)
		text_add(why, "A fault has at most one of times, nth and probability.");
	else if (r->times < 0 || r->nth < 0 || r->probability < 0 || r->struck < 0)
		text_add(why, "The numbers of a fault are not negative.");
	else if (r->user && !fault_joints[r->where].has_user)
		text_addf(why,
			  "At %s it is not known for whom a message is, so a fault there cannot "
			  "name a user.",
			  fault_joints[r->where].name);
	return why->n ? -EINVAL : 0;
}

static void clear(struct faults *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->users[i]);
	free(f->users);
	free(f->rules);
	free(f->n_seen);
	f->rules = NULL;
	f->users = NULL;
	f->n_seen = NULL;
	f->n = 0;
}

int faults_set(struct faults *f, const struct fault_rule *rules, size_t n, uint64_t seed,
	       struct text *why)
{
	for (size_t i = 0; i < n; i++)
		if (check(&rules[i], why) < 0)
			return -EINVAL;
	clear(f);
	f->seed = f->random = seed;
	f->n = n;
	if (!n)
		return 0;
	f->rules = mem_zalloc(n * sizeof(*rules));
	memcpy(f->rules, rules, n * sizeof(*rules));
	f->users = mem_zalloc(n * sizeof(*f->users));
	f->n_seen = mem_zalloc(n * sizeof(*f->n_seen));
	for (size_t i = 0; i < n; i++) {
		f->rules[i].user = f->users[i] = mem_strdup(rules[i].user);
		f->n_seen[i] = rules[i].struck;
	}
	return 0;
}

const struct fault_rule *faults_rules(const struct faults *f, size_t *ret_n)
{
	*ret_n = f->n;
	return f->rules;
}

uint64_t faults_seed(const struct faults *f)
{
	return f->seed;
}

/* ---- striking ---- */

/* splitmix64: https://prng.di.unimi.it/splitmix64.c has the constants. */
static uint64_t next_random(struct faults *f)
{
	uint64_t z = f->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static bool is_for(const struct fault_rule *r, const struct fault_passing *p)
{
	if (r->where != p->where)
		return false;
	for (size_t i = 0; r->user && i < sizeof(p->users) / sizeof(*p->users); i++)
		if (p->users[i] && strcasecmp(r->user, p->users[i]) == 0)
			return true;
	return !r->user;
}

static bool is_due(struct faults *f, const struct fault_rule *r, int64_t n_seen)
{
	if (r->times)
		return r->struck < r->times;
	if (r->nth)
		return n_seen == r->nth;
	return !r->probability || next_random(f) % (uint64_t)r->probability == 0;
}

static void describe(const struct fault_rule *r, struct text *out)
{
	text_addf(out, "Fault %lld", (long long)r->struck);
	if (r->times)
		text_addf(out, " of %lld", (long long)r->times);
	text_add_all(out, ": ", fault_what_names[r->what]);
	if (r->what == FAULT_STATUS)
		text_addf(out, " %d", r->status);
	else if (r->what == FAULT_DELAY)
		text_addf(out, " %lld ms", (long long)r->ms);
}

static void record(const struct faults *f, size_t rule, const struct fault_passing *p)
{
	const struct fault_rule *r = &f->rules[rule];
	CLEANUP(text_deinit) struct text what = TEXT_INIT;
	char number[TEXT_NUMBER_SIZE], count[TEXT_NUMBER_SIZE];
	const struct record_field fields[] = {
		{ "what", fault_what_names[r->what] },
		{ "joint", fault_joints[r->where].name },
		{ "rule", text_number(number, (int64_t)rule + 1) },
		{ "count", text_number(count, r->struck) },
	};

	describe(r, &what);
	journal_add(f->journal, &(struct record){ .kind = "fault",
						  .users = { p->users[0], p->users[1] },
						  .fault = text_str(&what),
						  .key = p->key,
						  .summary = text_str(&what),
						  .fields = fields,
						  .n_fields = ARRAY_SIZE(fields) });
}

bool faults_strike(struct faults *f, const struct fault_passing *p, struct fault_strike *ret)
{
	for (size_t i = 0; f && i < f->n; i++) {
		struct fault_rule *r = &f->rules[i];

		if (!is_for(r, p) || !is_due(f, r, ++f->n_seen[i]))
			continue;
		r->struck++;
		*ret = (struct fault_strike){ .what = r->what, .status = r->status, .ms = r->ms };
		if (journal_is_on(f->journal))
			record(f, i, p);
		return true;
	}
	return false;
}

/* ---- life ---- */

struct faults *faults_new(struct journal *journal)
{
	struct faults *f = MEM_NEW(struct faults);

	f->journal = journal;
	return f;
}

struct faults *faults_free(struct faults *f)
{
	if (!f)
		return NULL;
	clear(f);
	free(f);
	return NULL;
}

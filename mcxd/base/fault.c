/*
 * Faults
 */
#include "mcxd/base/fault.h"

#include "mcxd/base/journal.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>
#include <errno.h>
#include <strings.h>

const char *const fault_what_names[N_FAULT_WHATS] = {
	[FAULT_STATUS] = "status",   [FAULT_DELAY] = "delay",     [FAULT_DROP] = "drop",
	[FAULT_RESET] = "reset",     [FAULT_CLOSE] = "close",     [FAULT_SLOW] = "slow",
	[FAULT_GARBAGE] = "garbage", [FAULT_SILENCE] = "silence",
};

const char *const fault_what_help[N_FAULT_WHATS] = {
	[FAULT_STATUS] = "it is answered with this status",
	[FAULT_DELAY] = "it is handled so much later, by the lab's clock",
	[FAULT_DROP] = "it is lost",
	[FAULT_RESET] = "its connection ends with RST",
	[FAULT_CLOSE] = "its connection ends in order",
	[FAULT_SLOW] = "its answer comes in ten pieces over so much time of the lab's clock",
	[FAULT_GARBAGE] = "its answer is 64 bytes that mean nothing",
	[FAULT_SILENCE] = "it is held until the fault is mended",
};

const struct fault_joint_row fault_joints[N_FAULT_JOINTS] = {
#define X(constant, name, hop, max_status) [FAULT_##constant] = { name, hop, max_status },
	FAULT_JOINTS(X)
#undef X
};

struct faults {
	struct loop *loop;
	struct journal *journal;
	struct fault_rule *rules;
	char **users;  /* of the rules */
	uint64_t *ids; /* of the rules */
	size_t n;
	uint64_t last_id;
	uint64_t seed, random;
	bool is_attended[N_FAULT_JOINTS], has_connections[N_FAULT_JOINTS];
	struct list holds; /* struct fault_hold */
};

/* The arrow may be "->", which keyboards have. */
static bool is_joint(const struct fault_joint_row *row, const char *name)
{
	static const char arrow[] = "→";
	const char *at = strstr(row->name, arrow), *ascii = strstr(name, "->");
	size_t n = at ? (size_t)(at - row->name) : 0;

	if (!at || !ascii)
		return !strcmp(row->name, name);
	return (size_t)(ascii - name) == n && !strncmp(row->name, name, n) &&
	       !strcmp(at + strlen(arrow), ascii + strlen("->"));
}

enum fault_joint fault_joint_of(const char *name)
{
	unsigned i = 0;

	while (i < N_FAULT_JOINTS && !is_joint(&fault_joints[i], name))
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

void faults_attend(struct faults *f, enum fault_joint where, bool has_connections)
{
	if (!f)
		return;
	f->is_attended[where] = true;
	f->has_connections[where] |= has_connections;
}

/* ---- checking ---- */

static bool needs_connection(enum fault_what what)
{
	return what == FAULT_RESET || what == FAULT_CLOSE || what == FAULT_SLOW;
}

static bool needs_ms(enum fault_what what)
{
	return what == FAULT_DELAY || what == FAULT_SLOW;
}

bool faults_can(const struct faults *f, enum fault_joint where, enum fault_what what)
{
	return f->is_attended[where] && (f->has_connections[where] || !needs_connection(what));
}

static void check_joint(const struct faults *f, const struct fault_rule *r, struct text *why)
{
	const char *name = fault_joints[r->where].name;

	if (!f->is_attended[r->where])
		text_addf(why, "Nothing in this process takes what goes over %s.", name);
	else if (!faults_can(f, r->where, r->what))
		text_addf(why, "At %s there is only UDP, which has no connections for %s.", name,
			  fault_what_names[r->what]);
}

static void check_what(const struct fault_rule *r, struct text *why)
{
	const struct fault_joint_row *joint = &fault_joints[r->where];

	if (r->what == FAULT_STATUS && (r->status < 400 || r->status > joint->max_status))
		text_addf(why, "The status must be from 400 to %d there.", joint->max_status);
	else if (needs_ms(r->what) && (r->ms < 1 || r->ms > FAULT_MAX_MS))
		text_addf(why, "The fault %s needs \"ms\", from 1 to %d.",
			  fault_what_names[r->what], FAULT_MAX_MS);
	else if (r->what != FAULT_STATUS && r->status)
		text_addf(why, "The fault %s has no status.", fault_what_names[r->what]);
	else if (!needs_ms(r->what) && r->ms)
		text_addf(why, "The fault %s has no \"ms\".", fault_what_names[r->what]);
}

static void check_number(const struct fault_rule *r, struct text *why)
{
	if (!!r->times + !!r->nth + !!r->probability > 1)
		text_add(why, "A fault has at most one of times, nth and probability.");
	else if (r->times < 0 || r->nth < 0 || r->probability < 0 || r->struck < 0 || r->seen < 0)
		text_add(why, "The numbers of a fault are not negative.");
}

typedef void check_h(const struct fault_rule *r, struct text *why);

static int check(const struct faults *f, const struct fault_rule *r, struct text *why)
{
	static check_h *const checks[] = { check_what, check_number };

	check_joint(f, r, why);
	for (size_t i = 0; i < ARRAY_SIZE(checks) && !why->n; i++)
		checks[i](r, why);
	return why->n ? -EINVAL : 0;
}

/* ---- setting ---- */

static bool is_same_user(const char *a, const char *b)
{
	return a == b || (a && b && strcasecmp(a, b) == 0);
}

/* Its counts do not matter. */
static bool is_same(const struct fault_rule *a, const struct fault_rule *b)
{
	return a->where == b->where && a->what == b->what && a->status == b->status &&
	       a->ms == b->ms && a->times == b->times && a->nth == b->nth &&
	       a->probability == b->probability && is_same_user(a->user, b->user);
}

static bool has_id(const uint64_t *ids, size_t n, uint64_t id)
{
	size_t i = 0;

	while (i < n && ids[i] != id)
		i++;
	return i < n;
}

/* The number of the old rule that says the same, unless one of the n new ones has it already. */
static uint64_t find_id(struct faults *f, const struct fault_rule *r, const uint64_t *ids, size_t n)
{
	for (size_t i = 0; i < f->n; i++)
		if (is_same(&f->rules[i], r) && !has_id(ids, n, f->ids[i]))
			return f->ids[i];
	return ++f->last_id;
}

static void on_over(void *magic)
{
	struct fault_hold *h = magic;

	list_remove(&h->of_faults);
	h->on_over(h->magic, h->how);
}

/* What goes on may run any handler, so it does not run before the rules are set. */
static void end_holds(struct faults *f, enum fault_over how)
{
	list_for_each (node, &f->holds) {
		struct fault_hold *h = LIST_ENTRY(node, struct fault_hold, of_faults);

		if (h->how != FAULT_TIME_IS_UP || has_id(f->ids, f->n, h->rule))
			continue;
		h->how = how;
		loop_timer_set_real(f->loop, &h->timer, 0, on_over, h);
	}
}

static void clear(struct faults *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->users[i]);
	free(f->users);
	free(f->rules);
	free(f->ids);
	f->rules = NULL;
	f->users = NULL;
	f->ids = NULL;
	f->n = 0;
}

static void replace(struct faults *f, const struct fault_rule *rules, size_t n)
{
	struct fault_rule *copy = mem_zalloc((n + 1) * sizeof(*copy));
	char **users = mem_zalloc((n + 1) * sizeof(*users));
	uint64_t *ids = mem_zalloc((n + 1) * sizeof(*ids));

	for (size_t i = 0; i < n; i++) {
		copy[i] = rules[i];
		copy[i].user = users[i] = mem_strdup(rules[i].user);
		if (copy[i].seen < copy[i].struck)
			copy[i].seen = copy[i].struck;
		ids[i] = find_id(f, &rules[i], ids, i);
	}
	clear(f);
	f->rules = copy;
	f->users = users;
	f->ids = ids;
	f->n = n;
}

int faults_check(const struct faults *f, const struct fault_rule *rules, size_t n, struct text *why)
{
	for (size_t i = 0; i < n; i++)
		if (check(f, &rules[i], why) < 0)
			return -EINVAL;
	return 0;
}

int faults_set(struct faults *f, const struct fault_rule *rules, size_t n, uint64_t seed,
	       struct text *why)
{
	if (faults_check(f, rules, n, why) < 0)
		return -EINVAL;
	replace(f, rules, n);
	f->seed = f->random = seed;
	end_holds(f, FAULT_MENDED);
	return 0;
}

/* Move rules with what belongs to them. */
static void move(struct faults *f, size_t to, size_t from, size_t n)
{
	memmove(f->rules + to, f->rules + from, n * sizeof(*f->rules));
	memmove(f->users + to, f->users + from, n * sizeof(*f->users));
	memmove(f->ids + to, f->ids + from, n * sizeof(*f->ids));
}

uint64_t faults_add(struct faults *f, const struct fault_rule *rule, struct text *why)
{
	if (check(f, rule, why) < 0)
		return 0;
	f->rules = mem_realloc(f->rules, (f->n + 1) * sizeof(*f->rules));
	f->users = mem_realloc(f->users, (f->n + 1) * sizeof(*f->users));
	f->ids = mem_realloc(f->ids, (f->n + 1) * sizeof(*f->ids));
	move(f, 1, 0, f->n++);
	f->rules[0] = *rule;
	f->rules[0].user = f->users[0] = mem_strdup(rule->user);
	f->ids[0] = ++f->last_id;
	return f->ids[0];
}

static void remove_at(struct faults *f, size_t i)
{
	free(f->users[i]);
	f->n--;
	move(f, i, i + 1, f->n - i);
}

void faults_remove(struct faults *f, uint64_t id)
{
	for (size_t i = f->n; i > 0; i--)
		if (f->ids[i - 1] == id)
			remove_at(f, i - 1);
	end_holds(f, FAULT_MENDED);
}

void faults_reset(struct faults *f, const char *user)
{
	for (size_t i = f->n; i > 0; i--)
		if (!user || is_same_user(f->rules[i - 1].user, user))
			remove_at(f, i - 1);
	if (!user)
		f->seed = f->random = 0;
	end_holds(f, FAULT_LOST);
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

bool fault_can_strike(const struct fault_rule *r)
{
	if (r->times)
		return r->struck < r->times;
	return !r->nth || r->seen < r->nth;
}

bool faults_are_set(const struct faults *f)
{
	return f && f->n > 0;
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

void faults_garbage(struct faults *f, char ret[FAULT_GARBAGE_BYTES])
{
	for (int i = 0; i < FAULT_GARBAGE_BYTES; i++)
		ret[i] = (char)(0x80 | next_random(f) % 0x80);
}

static bool is_for(const struct fault_rule *r, const struct fault_passing *p)
{
	if (r->where != p->where || (p->is_datagram && needs_connection(r->what)))
		return false;
	for (size_t i = 0; r->user && i < ARRAY_SIZE(p->users); i++)
		if (p->users[i] && strcasecmp(r->user, p->users[i]) == 0)
			return true;
	return !r->user;
}

static bool is_due(struct faults *f, const struct fault_rule *r)
{
	if (r->times)
		return r->struck < r->times;
	if (r->nth)
		return r->seen == r->nth;
	return !r->probability || next_random(f) % (uint64_t)r->probability == 0;
}

static void describe(const struct fault_rule *r, char ret[FAULT_TEXT_SIZE])
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	text_addf(&out, "Fault %lld", (long long)r->struck);
	if (r->times)
		text_addf(&out, " of %lld", (long long)r->times);
	text_add_all(&out, ": ", fault_what_names[r->what]);
	if (r->what == FAULT_STATUS)
		text_addf(&out, " %d", r->status);
	else if (needs_ms(r->what))
		text_addf(&out, " %lld ms", (long long)r->ms);
	text_join(ret, FAULT_TEXT_SIZE, text_str(&out), "");
}

bool faults_strike(struct faults *f, const struct fault_passing *p, struct fault_strike *ret)
{
	for (size_t i = 0; f && i < f->n; i++) {
		struct fault_rule *r = &f->rules[i];

		if (!is_for(r, p))
			continue;
		r->seen++;
		if (!is_due(f, r))
			continue;
		r->struck++;
		*ret = (struct fault_strike){ .what = r->what,
					      .status = r->status,
					      .ms = r->ms,
					      .rule = f->ids[i],
					      .where = r->where,
					      .place = i,
					      .struck = r->struck };
		describe(r, ret->text);
		return true;
	}
	return false;
}

void faults_record(const struct faults *f, const struct fault_strike *s,
		   const struct fault_passing *p)
{
	char number[TEXT_NUMBER_SIZE], count[TEXT_NUMBER_SIZE];
	const struct record_field fields[] = {
		{ "what", fault_what_names[s->what] },
		{ "joint", fault_joints[s->where].name },
		{ "rule", text_number(number, (uint64_t)s->place + 1) },
		{ "count", text_number(count, (uint64_t)s->struck) },
	};

	if (journal_is_on(f->journal))
		journal_add(f->journal, &(struct record){ .kind = "fault",
							  .to = fault_joints[s->where].hop,
							  .incoming = true,
							  .users = { p->users[0], p->users[1] },
							  .fault = s->text,
							  .key = p->key,
							  .summary = s->text,
							  .fields = fields,
							  .n_fields = ARRAY_SIZE(fields) });
}

/* ---- holding ---- */

void faults_hold(struct faults *f, struct fault_hold *h, const struct fault_strike *s, int64_t ms,
		 fault_over_h *over, void *magic)
{
	*h = (struct fault_hold){ .rule = s->rule, .on_over = over, .magic = magic };
	list_append(&f->holds, &h->of_faults);
	if (ms)
		loop_timer_set(f->loop, &h->timer, ms, on_over, h);
}

void fault_hold_end(struct fault_hold *h)
{
	loop_timer_stop(&h->timer);
	list_remove(&h->of_faults);
}

/* ---- life ---- */

struct faults *faults_new(struct loop *l, struct journal *journal)
{
	struct faults *f = MEM_NEW(struct faults);

	f->loop = l;
	f->journal = journal;
	list_init(&f->holds);
	return f;
}

struct faults *faults_free(struct faults *f)
{
	if (!f)
		return NULL;
	assert(list_empty(&f->holds));
	clear(f);
	free(f);
	return NULL;
}

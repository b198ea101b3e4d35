/*
 * Census
 */
#include "census.h"

#include "front_end_fixture.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop_private.h"
#include "mcxd/base/timer_heap.h"
#include "mcxd/core/core.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/private.h"
#include "mcxd/sip/agent.h"
#include "tests/loop/raw.h"

#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_header.h>

/* Timers B, F and H, and the time for which core keeps a conversation that closes. */
enum { SETTLE_MS = 75000 };

#define COUNTS(X)                                                                                  \
	X(conversations)                                                                           \
	X(charged)                                                                                 \
	X(phone_legs)                                                                              \
	X(pushes)                                                                                  \
	X(waits)                                                                                   \
	X(registrations)                                                                           \
	X(sign_ins)                                                                                \
	X(sip_legs)                                                                                \
	X(sip_registrations)                                                                       \
	X(sip_pushes)                                                                              \
	X(sip_answers)                                                                             \
	X(sip_byes)                                                                                \
	X(endpoints)                                                                               \
	X(dialogs)                                                                                 \
	X(server_transactions)                                                                     \
	X(client_transactions)                                                                     \
	X(timers)                                                                                  \
	X(real_timers)

struct census {
#define X(name) size_t name;
	COUNTS(X)
#undef X
};

static struct census before;

static void count_core(const struct core *c, struct census *n)
{
	void *cursor = NULL;
	struct user *u;

	n->conversations = idtab_count(&c->conversations);
	n->pushes = (size_t)c->n_waiting_pushes;
	n->waits = list_length(&c->waits);
	n->registrations = list_length(&c->registrations);
	n->sign_ins = list_length(&c->sign_ins);
	while ((u = user_next(c, &cursor))) {
		n->charged += (size_t)u->conversations.used;
		list_for_each (node, &u->phones)
			n->phone_legs +=
				list_length(&LIST_ENTRY(node, struct phone, of_user)->legs);
	}
}

static void count_front_end(const struct front_end *s, struct census *n)
{
	usize_t dialogs = 0, in = 0, out = 0;

	n->sip_legs = list_length(&s->legs);
	n->sip_registrations = list_length(&s->registrations);
	n->sip_pushes = list_length(&s->pushes);
	n->sip_answers = list_length(&s->answers);
	n->sip_byes = list_length(&s->byes);
	n->endpoints = idtab_count(&s->endpoints);
	nta_agent_get_stats(agent_nta(s->agent), NTATAG_S_LEG_HASH_USED_REF(dialogs),
			    NTATAG_S_IRQ_HASH_USED_REF(in), NTATAG_S_ORQ_HASH_USED_REF(out),
			    TAG_END());
	n->dialogs = dialogs;
	n->server_transactions = in;
	n->client_transactions = out;
}

static struct census take(struct front_end_fixture *f)
{
	struct census n = { 0 };

	fixture_advance(f, SETTLE_MS);
	run_rounds(f->loop, 3);
	count_core(f->core, &n);
	count_front_end(f->front_end, &n);
	n.timers = f->loop->lab.n;
	n.real_timers = f->loop->real.n;
	return n;
}

void census_begin(struct front_end_fixture *f)
{
	before = take(f);
}

void census_check(struct front_end_fixture *f)
{
	const struct census now = take(f);
	bool same = true;

#define X(name)                                                                                    \
	if (now.name != before.name) {                                                             \
		print_error("%s: %zu, not %zu\n", #name, now.name, before.name);                   \
		same = false;                                                                      \
	}
	COUNTS(X)
#undef X
	assert_true(same);
}

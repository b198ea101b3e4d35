/*
 * Vocabulary
 */
#include "web/lab/vocabulary.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/fsm.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/sim/sim.h"
#include "proto/order.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

enum { MIN_STATUS = 100, MAX_STATUS = 699 };

/* What is recorded as it is written here. Of dialogs, whose machine is not core's, it is the states. */
static const struct {
	enum record_kind kind;
	const char *field;
	const char *values;
} rows[] = {
	{ RECORD_PUSH, "state",
	  "sent accepted refused unanswered none held-back forwarded repeated "
	  "expired waiting dropped" },
	{ RECORD_CONVERSATION, "state", "invited answered failed ended" },
	{ RECORD_USER, "action",
	  "registered refreshed unregistered removed unreachable expired signed-in subscribed "
	  "unsubscribed channel-expired subscription-expired subscription-dead registered-upstream "
	  "refused-upstream left-upstream presence" },
	{ RECORD_STATE, "from_state", "EARLY CANCELLING ANSWERED ENDING CONFIRMED OVER" },
	{ RECORD_STATE, "to_state", "EARLY CANCELLING ANSWERED ENDING CONFIRMED OVER" },
	{ RECORD_STATE, "machine", "dialog" },
	{ RECORD_ACTOR, "event", "created removed refused problem signed-out" },
	{ RECORD_CLOCK, "action", "advance freeze resume expire" },
	{ RECORD_FAULT, "joint", "" },
	{ RECORD_SIP, "transport", "udp tcp tls" },
	{ RECORD_EVENT, "type", "started added updated completed deleted" },
	{ RECORD_LAB, "action",
	  "set reload reset import break mend user-added user-changed user-removed" },
};

static const struct fsm_table *const machines[] = { &conversation_fsm, &delivery_fsm,
						    &phone_leg_fsm };

/* The search for a value, and all that were seen on the way. */
struct search {
	const char *value;
	bool is_found;
	struct text seen;
};

static void see(struct search *s, const char *value, size_t n)
{
	s->is_found |= strlen(s->value) == n && !memcmp(s->value, value, n);
	text_add(&s->seen, s->seen.n ? ", " : "");
	text_add_bytes(&s->seen, value, n);
}

static void see_words(struct search *s, const char *words)
{
	while (*words) {
		size_t n = strcspn(words, " ");

		see(s, words, n);
		words += n + strspn(words + n, " ");
	}
}

static void see_machines(struct search *s, bool states)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		const struct fsm_table *m = machines[i];

		if (!states)
			see(s, m->name, strlen(m->name));
		for (int k = 0; states && k < m->n_states; k++)
			see(s, m->states[k].name, strlen(m->states[k].name));
	}
}

static void see_events(struct search *s)
{
	for (size_t i = 0; i < SIM_N_EVENTS; i++)
		see(s, sim_event_rows[i].name, strlen(sim_event_rows[i].name));
	for (size_t i = 0; i < N_ORDERS; i++)
		see(s, order_rows[i].name, strlen(order_rows[i].name));
}

static void see_joints(struct search *s)
{
	for (size_t i = 0; i < N_FAULT_JOINTS; i++)
		see(s, fault_joints[i].name, strlen(fault_joints[i].name));
}

/* What other tables have of a field. */
static void see_tables(struct search *s, enum record_kind kind, const char *field)
{
	if (kind == RECORD_STATE)
		see_machines(s, strcmp(field, "machine") != 0);
	else if (kind == RECORD_ACTOR)
		see_events(s);
	else if (kind == RECORD_FAULT)
		see_joints(s);
}

/* Peers may send any method, but methods are case-sensitive (RFC 3261 7.1, RFC 9110 9.1): a well-known one in another case is a
 * slip. */
static bool is_method(const char *value, struct text *why)
{
	static const char *const methods[] = {
		"INVITE", "ACK",    "BYE",    "CANCEL",  "REGISTER", "OPTIONS", "MESSAGE",
		"INFO",   "NOTIFY", "UPDATE", "PUBLISH", "REFER",    "PRACK",   "SUBSCRIBE",
		"GET",    "POST",   "PUT",    "PATCH",   "DELETE",   "HEAD",    "SERVICE",
	};

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		if (strcasecmp(value, methods[i]) != 0 || !strcmp(value, methods[i]))
			continue;
		text_addf(why, "methods are case-sensitive: %s", methods[i]);
		return false;
	}
	return true;
}

static bool is_status(const char *value, struct text *why)
{
	int64_t status;

	if (text_to_int(value, MIN_STATUS, MAX_STATUS, &status))
		return true;
	text_addf(why, "numbers from %d to %d", MIN_STATUS, MAX_STATUS);
	return false;
}

bool vocabulary_has(enum record_kind kind, const char *field, const char *value, struct text *why)
{
	struct search s = { .value = value, .seen = TEXT_INIT };

	if (!strcmp(field, "status"))
		return is_status(value, why);
	if (!strcmp(field, "method"))
		return is_method(value, why);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].kind != kind || strcmp(rows[i].field, field) != 0)
			continue;
		see_words(&s, rows[i].values);
		see_tables(&s, kind, field);
		if (!s.is_found)
			text_add(why, text_str(&s.seen));
		text_deinit(&s.seen);
		return s.is_found;
	}
	return true;
}

bool vocabulary_has_hop(const char *hop, struct text *why)
{
	static const char *const roles[] = { RECORD_HOP_FRONT_END, RECORD_HOP_EDGE,
					     RECORD_HOP_CLEARING_HOUSE, RECORD_HOP_PUSH_SERVICE };

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (!strcasecmp(hop, roles[i]))
			return true;
	if (strpbrk(hop, "@.:"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		text_add_all(why, roles[i], ", ");
	text_add(why, "bob@lab.test, phone:bob@lab.test and 127.0.0.1:5060");
	return false;
}

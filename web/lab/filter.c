/*
 * Lab API: which records a client wants
 *
 * A user, a phone or a conversation that nobody has ever heard of is taken for a slip: "nothing of it came" would be true and
 * worthless. Known is what there is, and what the journal has a record of: who was removed, a caller of another server. Nothing
 * is known of the users of other domains, whose names may be anything.
 */
#include "mcxd/base/journal.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"
#include "proto/record.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/expectation.h"
#include "web/lab/json.h"
#include "web/lab/match.h"
#include "web/lab/private.h"
#include "web/lab/who.h"

enum { MAX_LISTED = 8 };

static bool is_of(const struct record *r, const struct match_term *t, const char *aor)
{
	if (aor)
		return record_is_about(r, aor);
	if (t->what == MATCH_CONVERSATION)
		return r->conversation == (uint64_t)t->number;
	return r->phone && !strcmp(r->phone, t->value);
}

/* aor NULL: what the condition names is a conversation or a phone. */
static bool is_recorded(const struct lab *l, const struct match_term *t, const char *aor)
{
	const struct journal *j = l->journal;

	for (uint64_t seq = journal_last(j); seq && seq >= journal_first(j); seq--) {
		const struct record *r = journal_get(j, seq);

		if (r && is_of(r, t, aor))
			return true;
	}
	return false;
}

static void list_users(const struct core *c, struct text *why)
{
	const struct user *u;
	void *cursor = NULL;
	size_t n = 0;

	text_add(why, "; users are");
	for (; (u = user_next(c, &cursor)) && n < MAX_LISTED; n++)
		text_add_all(why, n ? ", " : " ", u->aor);
	text_add(why, u ? " and others." : n ? "." : " none.");
}

static bool is_known_user(const struct lab *l, const struct match_term *t, const char *aor,
			  struct text *why)
{
	const struct core *c = l->core;

	if (!c || user_find(c, aor) || user_is_open(c, aor, true) || !user_domain_is_ours(c, aor) ||
	    is_recorded(l, t, aor))
		return true;
	text_addf(why, "%s is not a user of this server", aor);
	list_users(c, why);
	return false;
}

/* A hop may be a user, or a user's phone. */
static bool is_known_hop(const struct lab *l, const struct match_term *t, struct text *why)
{
	size_t n = strlen(RECORD_PHONE_PREFIX);
	const char *owner = strncmp(t->value, RECORD_PHONE_PREFIX, n) ? t->value : t->value + n;
	char aor[URI_MAX_AOR + 1];

	return !strchr(owner, '@') || uri_aor(owner, aor, NULL) < 0 ||
	       is_known_user(l, t, aor, why);
}

static bool is_known_conversation(const struct lab *l, const struct match_term *t, struct text *why)
{
	if (!l->core || conversation_find(l->core, (uint64_t)t->number) || is_recorded(l, t, NULL))
		return true;
	text_addf(why, "There is no conversation %s, and no record is of one.", t->value);
	return false;
}

static bool is_known_phone(const struct lab *l, const struct match_term *t, struct text *why)
{
	if (t->is_pattern || !l->core || phone_find(l->core, t->value) || is_recorded(l, t, NULL))
		return true;
	text_addf(why, "There is no phone with the application %s, and no record is of one.",
		  t->value);
	return false;
}

/* Others end in a Call-ID, or the id of a message, which a peer may still choose. */
static bool is_known_key(const struct lab *l, const struct match_term *t, struct text *why)
{
	static const char prefix[] = "conv:";
	size_t n = strlen(prefix);
	struct match_term conversation = { .what = MATCH_CONVERSATION, .value = t->value + n };

	if (strncmp(t->value, prefix, n) != 0 ||
	    !text_to_int(t->value + n, 1, INT64_MAX, &conversation.number))
		return true;
	return is_known_conversation(l, &conversation, why);
}

/* Numbers of actors count up, and are never used again. */
static bool is_known_actor(const struct lab *l, const struct match_term *t, struct text *why)
{
	int64_t id;

	if (t->is_pattern ||
	    (text_to_int(t->value, 1, INT64_MAX, &id) && (uint64_t)id <= l->last_actor))
		return true;
	text_addf(why, "There is no actor %s, and there was none.", t->value);
	return false;
}

static bool is_known(const struct lab *l, const struct match_term *t, struct text *why)
{
	if (t->what == MATCH_USER)
		return is_known_user(l, t, t->value, why);
	if (t->what == MATCH_HOP)
		return is_known_hop(l, t, why);
	if (t->what == MATCH_CONVERSATION)
		return is_known_conversation(l, t, why);
	if (t->what == MATCH_KEY)
		return t->is_pattern || is_known_key(l, t, why);
	if (t->what == MATCH_FIELD && !strcmp(t->name, "actor"))
		return is_known_actor(l, t, why);
	return t->what != MATCH_FIELD || strcmp(t->name, "phone") != 0 || is_known_phone(l, t, why);
}

bool lab_knows(const struct lab *l, const struct match *m, struct text *why)
{
	for (size_t i = 0; i < m->n_terms; i++)
		if (!is_known(l, &m->terms[i], why))
			return false;
	return true;
}

bool lab_knows_all(const struct lab *l, const struct expectation *e, struct text *why)
{
	for (size_t i = 0; i < e->n_steps; i++)
		if (!lab_knows(l, &e->steps[i].match, why))
			return false;
	return true;
}

bool lab_query_user(const struct lab *l, struct http_request *r, char room[URI_MAX_AOR + 1],
		    const char **ret)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	CLEANUP(match_deinit) struct match m = { 0 };
	const char *user = http_query(r, "user");
	char aor[URI_MAX_AOR + 1];
	const struct match_condition c = { .what = MATCH_USER,
					   .name = "user",
					   .value = lab_who(l->core, user, aor) };
	int status = 400;

	*ret = NULL;
	if (!user)
		return true;
	if (match_add(&m, &c, &why) == 0) {
		status = 404;
		uri_aor(c.value, room, NULL);
		*ret = room;
		if (lab_knows(l, &m, &why))
			return true;
	}
	lab_error(r, status, "%s", text_str(&why));
	return false;
}

/* ---- filters of a query ---- */

/* The filters, which are the conditions of a wait. */
static const struct {
	const char *name;
	enum match_what what;
} filters[] = {
	{ "kind", MATCH_KIND },    { "user", MATCH_USER },   { "conversation", MATCH_CONVERSATION },
	{ "hop", MATCH_HOP },      { "phone", MATCH_FIELD }, { "method", MATCH_FIELD },
	{ "status", MATCH_FIELD }, { "since", MATCH_SINCE }, { "key", MATCH_KEY },
};

bool lab_filter_read(const struct lab *l, struct match *m, struct http_request *r)
{
	int status = 400;
	char room[URI_MAX_AOR + 1];
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct match_condition c = { .what = filters[i].what,
					     .name = filters[i].name,
					     .value = http_query(r, filters[i].name) };

		if (c.what == MATCH_USER)
			c.value = lab_who(l->core, c.value, room);
		if (c.value && match_add(m, &c, &why) < 0)
			break;
	}
	if (!why.n && match_is_possible(m, &why)) {
		if (lab_knows(l, m, &why))
			return true;
		status = 404;
	}
	lab_error(r, status, "%s", text_str(&why));
	match_deinit(m);
	return false;
}

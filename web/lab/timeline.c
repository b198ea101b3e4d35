/*
 * Lab API: what happened, in short
 *
 * The timeline of a conversation and the hops of a push: the journal's records, each message once, with the time at which
 * either end had it.
 */
#include "web/lab/timeline.h"

#include "mcxd/base/journal.h"
#include "proto/record.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

static void add_label(struct json_object *o, const struct record *r)
{
	CLEANUP(text_deinit) struct text label = TEXT_INIT;

	record_label(r, &label);
	json_out_string(o, "label", text_str(&label));
}

/* ---- the newest of a list ---- */

static void keep_last(struct json_object *list, size_t max)
{
	size_t n = json_object_array_length(list);

	if (n > max)
		json_object_array_del_idx(list, 0, n - max);
}

/* keep_last() is due once all are there: not with each, since those behind are moved each time. */
static void add_newest(struct json_object *list, struct json_object *o, size_t max)
{
	json_object_array_add(list, o);
	if (json_object_array_length(list) >= 2 * max)
		keep_last(list, max);
}

/* ---- a message at both its ends ---- */

static struct json_object *hop_json(const struct record *r)
{
	struct json_object *o = json_object_new_object();

	json_out_int(o, "seq", (int64_t)r->seq);
	json_out_string(o, "from", r->from);
	json_out_string(o, "to", r->to);
	add_label(o, r);
	json_out_time(o, "sent", r->incoming ? 0 : r->wall_us);
	json_out_time(o, "received", r->incoming ? r->wall_us : 0);
	json_out_optional(o, "fault", r->fault);
	return o;
}

/* The object of the record with this number, of the newest first. */
static struct json_object *find_hop(struct json_object *hops, uint64_t seq)
{
	for (size_t i = json_object_array_length(hops); i > 0; i--) {
		struct json_object *o = json_object_array_get_idx(hops, i - 1);

		if (json_object_get_int64(json_object_object_get(o, "seq")) == (int64_t)seq)
			return o;
	}
	return NULL;
}

static void add_hop(struct json_object *hops, const struct record *r)
{
	struct json_object *sent = r->sent ? find_hop(hops, r->sent) : NULL;

	if (sent)
		json_out_time(sent, "received", r->wall_us);
	else if (r->from && r->to)
		json_object_array_add(hops, hop_json(r));
}

/* ---- a push ---- */

enum { MAX_KEYS = 8 };

/* Its own keys: that of the push, of the MESSAGE, of the notification. They begin where the front end sends it. */
struct chain {
	char *keys[MAX_KEYS];
	size_t n;
	struct json_object *hops;
};

static bool chain_has(const struct chain *c, const char *key)
{
	for (size_t i = 0; key && i < c->n; i++)
		if (!strcmp(c->keys[i], key))
			return true;
	return false;
}

static void chain_add(struct chain *c, const char *key)
{
	if (key && c->n < MAX_KEYS && !record_conversation_of(key) && !chain_has(c, key))
		c->keys[c->n++] = mem_strdup(key);
}

static void on_push_record(void *magic, const struct record *r)
{
	struct chain *c = magic;

	if (!chain_has(c, r->key))
		return;
	chain_add(c, r->link);
	add_hop(c->hops, r);
}

struct json_object *lab_push_hops(const struct journal *j, const char *key)
{
	struct chain c = { .hops = json_object_new_array() };

	chain_add(&c, key);
	journal_story(j, key, on_push_record, &c);
	for (size_t i = 0; i < c.n; i++)
		free(c.keys[i]);
	return c.hops;
}

/* ---- a conversation ---- */

struct moments {
	struct json_object *list;
	size_t n, max;
};

static void on_moment(void *magic, const struct record *r)
{
	struct moments *m = magic;
	struct json_object *o;

	if (r->sent || !strcmp(r->kind, record_kinds[RECORD_LINK].name))
		return;
	o = json_object_new_object();
	json_out_int(o, "seq", (int64_t)r->seq);
	json_out_time(o, "time", r->wall_us);
	json_out_string(o, "kind", r->kind);
	add_label(o, r);
	json_out_optional(o, "from", r->from);
	json_out_optional(o, "to", r->to);
	json_out_optional(o, "fault", r->fault);
	add_newest(m->list, o, m->max);
	m->n++;
}

struct json_object *lab_timeline(const struct journal *j, const char *key, size_t max,
				 size_t *ret_earlier)
{
	struct moments m = { .list = json_object_new_array(), .max = max };

	journal_story(j, key, on_moment, &m);
	keep_last(m.list, max);
	*ret_earlier = m.n - json_object_array_length(m.list);
	return m.list;
}

/* ---- pushes that were not sent ---- */

static struct json_object *not_sent_json(const struct record *r)
{
	struct json_object *o = json_object_new_object();

	json_out_int(o, "seq", (int64_t)r->seq);
	json_out_time(o, "time", r->wall_us);
	if (r->conversation)
		json_out_int(o, "conversation", (int64_t)r->conversation);
	json_out_string(o, "user", r->users[0]);
	json_out_optional(o, "phone", r->phone);
	json_out_string(o, "reason", record_value(r, "reason"));
	return o;
}

static bool has_value(const struct record *r, enum record_kind kind, const char *field,
		      const char *value)
{
	const char *has = record_kind_of(r->kind) == kind ? record_value(r, field) : NULL;

	return has && strcmp(has, value) == 0;
}

/* The records of what a reset has ended stay in the journal. It was of one user, or of all. */
static void forget(struct json_object *list, const struct record *reset)
{
	for (size_t i = json_object_array_length(list); i-- > 0;) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *user = json_in_string(o, "user");

		if (!reset->users[0] || (user && !strcasecmp(user, reset->users[0])))
			json_object_array_del_idx(list, i, 1);
	}
}

struct json_object *lab_not_sent(const struct journal *j, const char *user, const char *phone,
				 size_t max)
{
	struct json_object *list = json_object_new_array();

	for (uint64_t seq = journal_first(j); seq && seq <= journal_last(j); seq++) {
		const struct record *r = journal_get(j, seq);

		if (r && has_value(r, RECORD_LAB, "action", "reset"))
			forget(list, r);
		if (!r || !has_value(r, RECORD_PUSH, "state", "none") ||
		    (user && !record_is_about(r, user)) ||
		    (phone && (!r->phone || strcmp(r->phone, phone) != 0)))
			continue;
		add_newest(list, not_sent_json(r), max);
	}
	keep_last(list, max);
	return list;
}

/*
 * Lab API: import
 *
 * An import is checked as a whole before anything changes: settings and faults by setting them for a moment, rows by
 * loading them into a core that is made for this. Then everything is reset, and once that has ended, the new state
 * begins between two events. Faults are set once the actors have signed in: how they come back is not what is tested.
 */
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/setting_change.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/snapshot.h"
#include "mcxd/core/store_row.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/actor/actor.h"
#include "web/lab/door.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"
#include "web/lab/snapshot/private.h"
#include "web/lab/snapshot/snapshot.h"
#include "web/lab/stored.h"

enum { MAX_DEPTH = 6, MAX_ROUNDS = 1000, PATIENCE_MS = 10000 };

/* Of the clock together. */
#define MAX_ADVANCED_MS (INT64_C(10) * 365 * 86400000)

enum {
	M_FORMAT,
	M_VERSION,
	M_CLOCK,
	M_SETTINGS,
	M_FAULTS,
	M_USERS,
	M_ROWS,
	M_JOURNAL,
	M_CHANNELS,
	M_ACTORS,
	N_MEMBERS
};

struct lab_import {
	struct lab *lab;
	struct json_object *document;
	struct lab_member members[N_MEMBERS]; /* of the document */
	int64_t advanced_ms;
	bool is_frozen;
	struct setting_change *settings;
	size_t n_settings;
	struct snapshot snapshot;
	struct snapshot_journal journal;
	struct snapshot_actors actors;
	int64_t moment_us; /* that its times count from */
	uint64_t parked;   /* 0: the client has gone */
	uint64_t post;
	int n_rounds;
	struct text why;            /* what has gone wrong since it began; empty: nothing */
	struct loop_timer patience; /* with actors who sign in */
};

static const struct lab_member document_members[N_MEMBERS] = {
	[M_FORMAT] = { "format", json_type_string, true },
	[M_VERSION] = { "version", json_type_int, true },
	[M_CLOCK] = { "clock", json_type_object, true },
	[M_SETTINGS] = { "settings", json_type_object, true },
	[M_FAULTS] = { "faults", json_type_object, true },
	[M_USERS] = { "users", json_type_array, true },
	[M_ROWS] = { "rows", json_type_object, true },
	[M_JOURNAL] = { "journal", json_type_array, false },
	[M_CHANNELS] = { "channels", json_type_array, false },
	[M_ACTORS] = { "actors", json_type_array, true },
};

static void import_free(struct lab_import *m)
{
	loop_unpost(m->lab->loop, m->post);
	loop_timer_stop(&m->patience);
	m->lab->on_actor = NULL;
	text_deinit(&m->why);
	snapshot_deinit(&m->snapshot);
	snapshot_journal_deinit(&m->journal);
	snapshot_actors_deinit(&m->actors);
	free(m->settings);
	json_object_put(m->document);
	free(m);
}

static bool read_header(struct lab_import *m, struct text *why)
{
	const char *format;

	memcpy(m->members, document_members, sizeof(m->members));
	if (!lab_take_members(m->document, m->members, N_MEMBERS, why))
		return false;
	format = lab_member_string(&m->members[M_FORMAT]);
	if (strcmp(format, SNAPSHOT_FORMAT) != 0)
		text_addf(why, "\"format\" is %.40s, and not " SNAPSHOT_FORMAT ".", format);
	else if (lab_member_int(&m->members[M_VERSION], 0) != SNAPSHOT_VERSION)
		text_addf(why, "\"version\" is %lld; this mcxd reads version %d.",
			  (long long)lab_member_int(&m->members[M_VERSION], 0), SNAPSHOT_VERSION);
	return !why->n;
}

static bool read_clock(struct lab_import *m, struct text *why)
{
	struct lab_member clock[] = { { "advancedMs", json_type_int, true },
				      { "frozen", json_type_boolean, true } };

	if (!lab_take_members(m->members[M_CLOCK].value, clock, ARRAY_SIZE(clock), why))
		return false;
	m->advanced_ms = lab_member_int(&clock[0], 0);
	m->is_frozen = lab_member_bool(&clock[1], false);
	if (m->advanced_ms < 0 || m->advanced_ms > MAX_ADVANCED_MS)
		text_add(why, "\"advancedMs\" must be from 0 to ten years.");
	return !why->n;
}

static bool read_settings(struct lab_import *m, struct text *why)
{
	struct json_object *o = m->members[M_SETTINGS].value;
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;

	m->n_settings = (size_t)json_object_object_length(o);
	m->settings = mem_zalloc((m->n_settings + 1) * sizeof(*m->settings));
	if (m->n_settings && !m->lab->change_settings)
		text_add(why, "This daemon does not change its settings.");
	else
		lab_take_settings(o, m->settings, &errors);
	lab_add_setting_errors(why, &errors);
	return !why->n;
}

static bool read_journal(struct lab_import *m, struct text *why)
{
	struct json_object *list = m->members[M_JOURNAL].value;

	return !list || snapshot_journal_read(&m->journal, list, why);
}

/* A lab without a push service can take the file of one like it. */
static bool check_channels(struct lab_import *m, struct text *why)
{
	const struct lab_part *part = &m->lab->channels;
	struct json_object *list = m->members[M_CHANNELS].value;

	if (part->check)
		return !list || part->check(part->magic, list, why);
	if (list && json_object_array_length(list))
		text_add(why, "channels: the push service is not in this process.");
	return !why->n;
}

/* ---- trying it ---- */

static bool try_settings(struct lab *l, const struct setting_change *changes, size_t n,
			 struct text *why)
{
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;
	bool good = n == 0 || l->try_settings(l->magic, changes, n, &errors) == 0;

	lab_add_setting_errors(why, &errors);
	return good;
}

/* As they were before those of the import were set. before: their values then. */
static void undo_settings(const struct lab_import *m, const struct setting_map *before)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct setting_change *back = mem_zalloc((m->n_settings + 1) * sizeof(*back));

	for (size_t i = 0; i < m->n_settings; i++) {
		back[i].name = m->settings[i].name;
		back[i].value = setting_map_get(before, m->settings[i].name);
	}
	try_settings(m->lab, back, m->n_settings, &why);
	free(back);
}

static bool check_snapshot(struct lab_import *m, struct text *why)
{
	const struct core *c = m->lab->core;
	const struct store_row *bad;
	size_t n_added;

	m->moment_us = snapshot_moment_us(c);
	if (!snapshot_read(
		    &m->snapshot,
		    &(struct snapshot_parts){ m->members[M_USERS].value, m->members[M_ROWS].value },
		    m->moment_us, why))
		return false;
	n_added = snapshot_added_users(c, &m->snapshot);
	if (n_added > (size_t)m->lab->config->max_users) {
		metric_inc(&m->lab->door.limits_refused_total);
		text_addf(why, "users: %zu would be added; lab.max_users allows %lld.", n_added,
			  (long long)m->lab->config->max_users);
		return false;
	}
	bad = snapshot_check(c, &m->snapshot);
	if (bad)
		text_addf(why,
			  "rows.%s, id %llu: refers to what is not there, has expired, or is more "
			  "than a limit allows.",
			  store_tables[bad->kind].name, (unsigned long long)bad->id);
	return !bad;
}

/* With the limits that the import itself sets. */
static bool check(struct lab_import *m, struct text *why)
{
	const struct setting_map *changed = lab_get_info(m->lab).changed_settings;
	CLEANUP(setting_map_deinit) struct setting_map before = { 0 };
	bool good;

	if (!read_header(m, why) || !read_clock(m, why) || !read_settings(m, why) ||
	    !read_journal(m, why) || !lab_set_faults(m->lab, m->members[M_FAULTS].value, true, why))
		return false;
	for (size_t i = 0; changed && i < changed->n; i++)
		setting_map_set(&before, changed->pairs[i]->name, changed->pairs[i]->value);
	if (!try_settings(m->lab, m->settings, m->n_settings, why))
		return false;
	good = check_snapshot(m, why) && check_channels(m, why) &&
	       snapshot_actors_read(&m->actors, m->lab, &m->snapshot, m->members[M_ACTORS].value,
				    why);
	undo_settings(m, &before);
	return good;
}

/* ---- doing it ---- */

static void finish(struct lab_import *m, int status, const char *why)
{
	struct lab *l = m->lab;
	struct http_request *r = m->parked ? http_parked(l->http, m->parked) : NULL;

	l->import = NULL;
	l->n_waiting--;
	if (r && status == 204)
		http_answer(r, 204, NULL, NULL, 0);
	else if (r)
		lab_error(r, status, "%s", why);
	import_free(m);
}

static void on_stored(void *magic, int err)
{
	finish(magic, err ? 503 : 204,
	       "This is imported, but not in the store: it will be tried again.");
}

static void conclude(struct lab_import *m)
{
	struct lab *l = m->lab;

	loop_timer_stop(&m->patience);
	loop_unpost(l->loop, m->post);
	m->post = 0;
	l->on_actor = NULL;
	lab_set_faults(l, m->members[M_FAULTS].value, false, &m->why);
	if (m->why.n)
		finish(m, 500, text_str(&m->why));
	else
		core_sync(l->core, on_stored, m);
}

static void on_patience_over(void *magic)
{
	conclude(magic);
}

static void on_actors(void *magic)
{
	struct lab_import *m = magic;

	m->post = 0;
	list_for_each (node, &m->lab->actors)
		if (LIST_ENTRY(node, struct actor, of_lab)->state == ACTOR_SIGNING_IN)
			return;
	conclude(m);
}

/* Posted, since it is an actor who tells it. */
static void on_actor(struct lab *l)
{
	struct lab_import *m = l->import;

	if (!m->post)
		m->post = loop_post(l->loop, on_actors, m);
}

static void load(struct lab_import *m)
{
	struct lab *l = m->lab;
	const struct store_row *bad;
	int64_t moment_us;

	if (m->is_frozen)
		loop_freeze(l->loop);
	if (m->n_settings)
		l->change_settings(l->magic, m->settings, m->n_settings, &m->why);
	moment_us = snapshot_moment_us(l->core);
	snapshot_shift(&m->snapshot, moment_us - m->moment_us);
	bad = snapshot_load(l->core, &m->snapshot);
	if (m->members[M_JOURNAL].value)
		snapshot_journal_load(&m->journal, l, moment_us);
	if (l->channels.load && m->members[M_CHANNELS].value)
		l->channels.load(l->channels.magic, m->members[M_CHANNELS].value, moment_us);
	lab_record(l, "import", NULL, "the lab is what was exported");
	if (bad)
		text_addf(&m->why, "rows.%s, id %llu has not been taken.",
			  store_tables[bad->kind].name, (unsigned long long)bad->id);
	snapshot_actors_load(&m->actors, l);
	l->on_actor = on_actor;
	loop_timer_set_real(l->loop, &m->patience, PATIENCE_MS, on_patience_over, m);
	on_actor(l);
}

/* What was reset ends in the next rounds of the loop; and a client may be quick to sign in again. */
static void on_round(void *magic)
{
	struct lab_import *m = magic;
	struct lab *l = m->lab;

	m->post = 0;
	if (snapshot_has_room(l->core)) {
		load(m);
	} else if (++m->n_rounds > MAX_ROUNDS) {
		finish(m, 503, "The lab has been reset, but clients come back too soon.");
	} else {
		core_reset(l->core);
		m->post = loop_post(l->loop, on_round, m);
	}
}

static void on_moved(void *magic)
{
	struct lab *l = magic;

	if (l->import && !l->import->post)
		on_round(l->import);
}

/* The clock goes on to where it was, if it is not there already. */
static void begin(struct lab_import *m)
{
	struct lab *l = m->lab;
	int64_t by = m->advanced_ms - loop_advanced_ms(l->loop);

	lab_reset(l);
	if (by > 0)
		loop_advance(l->loop, by, on_moved, l);
	else
		m->post = loop_post(l->loop, on_round, m);
}

static void on_gone(void *magic, uint64_t id)
{
	struct lab_import *m = magic;

	(void)id;
	m->parked = 0;
}

/* Owned by the caller, who is to enter() or import_free() it. NULL, with a sentence in why: nothing has changed. */
static struct lab_import *read_import(struct lab *l, const void *p, size_t n, struct text *why)
{
	struct lab_import *m = MEM_NEW(struct lab_import);
	const char *reason = "";

	m->lab = l;
	if (json_in_object(p, n, MAX_DEPTH, &m->document, &reason) < 0)
		text_addf(why, "Invalid JSON body: %s", reason);
	else if (check(m, why))
		return m;
	import_free(m);
	return NULL;
}

static void enter(struct lab_import *m, uint64_t parked)
{
	m->parked = parked;
	m->lab->import = m;
	m->lab->n_waiting++;
	begin(m);
}

bool lab_import(struct lab *l, const void *p, size_t n, struct text *why)
{
	struct lab_import *m = read_import(l, p, n, why);

	if (m)
		enter(m, 0);
	return m;
}

bool lab_is_importing(const struct lab *l)
{
	return l->import;
}

void lab_post_import(void *magic, struct http_request *r)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct lab *l = magic;
	struct lab_import *m;
	size_t n = 0;
	const void *body = http_body(r, &n);

	if (!lab_may_store(l, r))
		return;
	if (l->import) {
		lab_error(r, 409, "Another import is under way.");
		return;
	}
	m = read_import(l, body, n, &why);
	if (m)
		enter(m, http_park(r, on_gone, m));
	else
		lab_error(r, 400, "%s", text_str(&why));
}

void lab_import_free(struct lab *l)
{
	if (l->import)
		import_free(l->import);
}

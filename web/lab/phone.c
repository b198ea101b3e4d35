/*
 * Lab API: phones, as their owners see them
 *
 * What is on a phone's screen is known by what reached it: the newest tile, and the newest toasts of the journal. A
 * phone whose records are gone, or whose push service is elsewhere, has none.
 */
#include "mcxd/base/idtab.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"
#include "proto/record.h"
#include "proto/sip/uri.h"
#include "proto/text/json_out.h"
#include "proto/text/text.h"
#include "web/lab/json.h"
#include "web/lab/private.h"

enum { MAX_TOASTS = 5 };

struct screens {
	struct strtab *by_phone; /* the phones' objects by the id of their application */
	size_t n_missing;        /* that lack a tile or a toast */
};

/* ---- the held request ---- */

static struct json_object *held_json(const struct lab *l, const struct phone *p)
{
	int64_t began_us = loop_wall_us(l->loop) - (loop_now_ms(l->loop) - p->asked_ms) * 1000;
	struct json_object *o;

	if (!p->poll_id)
		return NULL;
	o = json_object_new_object();
	json_out_time(o, "began", began_us);
	json_out_time(o, "ends", began_us + p->poll_timeout_ms * 1000);
	return o;
}

/* ---- the screen ---- */

static struct json_object *toast_json(const struct record *r)
{
	struct json_object *o = json_object_new_object();

	json_out_int(o, "seq", (int64_t)r->seq);
	json_out_time(o, "time", r->wall_us);
	json_out_string(o, "title", record_value(r, "text1"));
	json_out_string(o, "text", record_value(r, "text2"));
	return o;
}

static void take_tile(struct screens *s, struct json_object *phone, const struct record *r)
{
	const char *count = record_value(r, "count");
	int64_t n = 0;

	if (json_object_object_get(phone, "tile") || !count ||
	    !text_to_int(count, 0, INT64_MAX, &n))
		return;
	json_out_int(phone, "tile", n);
	s->n_missing--;
}

static void take_toast(struct screens *s, struct json_object *phone, const struct record *r)
{
	struct json_object *toasts = json_object_object_get(phone, "toasts");

	if (json_object_array_length(toasts) == MAX_TOASTS)
		return;
	json_object_array_add(toasts, toast_json(r));
	if (json_object_array_length(toasts) == MAX_TOASTS)
		s->n_missing--;
}

/* From the newest record back. */
static void read_screens(const struct journal *j, struct screens *s)
{
	for (uint64_t seq = journal_last(j); s->n_missing && seq && seq >= journal_first(j);
	     seq--) {
		const struct record *r = journal_get(j, seq);
		struct json_object *phone =
			r && r->phone ? strtab_get(s->by_phone, r->phone) : NULL;

		if (!phone)
			continue;
		if (!strcmp(r->kind, record_kinds[RECORD_TILE].name))
			take_tile(s, phone, r);
		else if (!strcmp(r->kind, record_kinds[RECORD_TOAST].name))
			take_toast(s, phone, r);
	}
}

static void add_phones(const struct lab *l, const struct user *u, struct screens *s,
		       struct json_object *out)
{
	list_for_each (node, &u->phones) {
		const struct phone *p = LIST_ENTRY(node, struct phone, of_user);
		struct json_object *o = lab_phone_json(p);

		json_out_bool(o, "foreground", !delivery_is_away(p));
		json_object_object_add(o, "heldRequest", held_json(l, p));
		json_object_object_add(o, "tile", NULL);
		json_object_object_add(o, "toasts", json_object_new_array());
		json_object_array_add(out, o);
		strtab_add(s->by_phone, p->app_id, o);
		s->n_missing += 2;
	}
}

static void screens_deinit(struct screens *s, struct json_object *phones)
{
	for (size_t i = 0; i < json_object_array_length(phones); i++)
		strtab_remove(s->by_phone, json_object_get_string(json_object_object_get(
						   json_object_array_get_idx(phones, i), "appId")));
	strtab_free(s->by_phone);
}

void lab_get_phones(void *magic, struct http_request *r)
{
	struct lab *l = magic;
	struct core *c = lab_core(l, r);
	struct screens s = { 0 };
	struct json_object *phones;
	char aor[URI_MAX_AOR + 1];
	const char *only;
	const struct user *u;
	void *cursor = NULL;

	if (!c || !lab_query_user(l, r, aor, &only))
		return;
	s.by_phone = strtab_new();
	phones = json_object_new_array();
	while ((u = user_next(c, &cursor)))
		if (!only || !strcmp(u->aor, only))
			add_phones(l, u, &s, phones);
	read_screens(l->journal, &s);
	screens_deinit(&s, phones);
	lab_answer_list(r, "phones", phones);
}

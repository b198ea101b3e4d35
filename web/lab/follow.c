/*
 * Lab API: following the journal
 *
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html):
 *
 *	event: begin	the first: {instance, first, last, next}. next is the number of the record that the stream
 *			begins with, whether the filters let it pass or not.
 *	(no name)	a record, as in a page; id: is its number.
 *	event: lost	{from, to}: these records were dropped before they could be sent.
 *
 * A follower is a place in the journal. Records are encoded when its reader has taken those before, so one that does not
 * read costs one piece; it misses what the journal drops meanwhile, and the server closes it when it has taken nothing
 * for the idle timeout.
 */
#include "mcxd/base/journal.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "proto/record.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/door.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/match.h"
#include "web/lab/private.h"

#include <inttypes.h>

enum {
	PIECE_BYTES = 32 * 1024, /* that are encoded at once, and the rest of the last record */
	PIECE_RECORDS = 1000,    /* that are looked at for a piece */
	RETRY_MS = 1000          /* that a browser waits before it connects again */
};

struct lab_follower {
	struct list of_lab;
	struct lab *lab;
	uint64_t stream;
	uint64_t next; /* number of the next record to look at */
	struct match filter;
	bool is_local;
	bool is_quiet; /* nothing was sent since the last heartbeat */
};

static void follower_free(struct lab_follower *f)
{
	list_remove(&f->of_lab);
	f->lab->n_followers--;
	if (list_empty(&f->lab->followers))
		loop_timer_stop(&f->lab->heartbeat);
	match_deinit(&f->filter);
	free(f);
}

static void on_stream_gone(void *magic, uint64_t id)
{
	(void)id;
	follower_free(magic);
}

/* ---- what is sent ---- */

static void add_data(struct text *out, struct json_object *o)
{
	text_add_all(out, "data: ",
		     json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
							       JSON_C_TO_STRING_NOSLASHESCAPE),
		     "\n\n");
	json_object_put(o);
}

static void add_id(struct text *out, uint64_t seq)
{
	text_addf(out, "id: %" PRIu64 "\n", seq);
}

static void add_begin(const struct lab_follower *f, struct text *out)
{
	const struct journal *j = f->lab->journal;
	struct json_object *o = json_object_new_object();

	json_out_string(o, "instance", f->lab->instance);
	json_out_int(o, "first", (int64_t)journal_first(j));
	json_out_int(o, "last", (int64_t)journal_last(j));
	json_out_int(o, "next", (int64_t)f->next);
	text_addf(out, "retry: %d\nevent: begin\n", RETRY_MS);
	add_data(out, o);
}

static void add_lost(struct lab_follower *f, struct text *out)
{
	uint64_t first = journal_first(f->lab->journal);
	struct json_object *o;

	if (f->next >= first)
		return;
	o = json_object_new_object();
	json_out_int(o, "from", (int64_t)f->next);
	json_out_int(o, "to", (int64_t)first - 1);
	f->next = first;
	text_add(out, "event: lost\n");
	add_id(out, first - 1);
	add_data(out, o);
}

/* The reader has taken what was queued. An id without data moves Last-Event-ID and is no event: so a filter that lets
 * little pass makes nobody look at the same records again. */
static void on_room(void *magic)
{
	struct lab_follower *f = magic;
	const struct journal *j = f->lab->journal;
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	int n = 0;

	add_lost(f, &out);
	for (; f->next <= journal_last(j) && out.n < PIECE_BYTES && n < PIECE_RECORDS; n++) {
		const struct record *r = journal_get(j, f->next++);

		if (!r || !match_record(&f->filter, r))
			continue;
		add_id(&out, r->seq);
		add_data(&out, lab_encode_record(r, f->is_local));
	}
	if (!out.n && n == PIECE_RECORDS) {
		add_id(&out, f->next - 1);
		text_add(&out, "\n");
	}
	if (!out.n)
		return;
	f->is_quiet = false;
	http_stream_write(f->lab->http, f->stream, text_str(&out), out.n);
}

void lab_followers_wake(struct lab *l)
{
	list_for_each (node, &l->followers)
		http_stream_wake(l->http, LIST_ENTRY(node, struct lab_follower, of_lab)->stream);
}

/* To a reader that takes nothing, little is added until the server closes it. */
static void on_heartbeat(void *magic)
{
	struct lab *l = magic;

	list_for_each_safe (node, &l->followers) {
		struct lab_follower *f = LIST_ENTRY(node, struct lab_follower, of_lab);
		CLEANUP(text_deinit) struct text out = TEXT_INIT;

		add_id(&out, f->next - 1);
		text_add(&out, ":\n\n");
		if (f->is_quiet && http_stream_write(l->http, f->stream, text_str(&out), out.n) < 0)
			follower_free(f);
		else
			f->is_quiet = true;
	}
	if (!list_empty(&l->followers))
		loop_timer_set_real(l->loop, &l->heartbeat, l->config->heartbeat_ms, on_heartbeat,
				    l);
}

void lab_followers_free(struct lab *l)
{
	list_for_each_safe (node, &l->followers) {
		struct lab_follower *f = LIST_ENTRY(node, struct lab_follower, of_lab);

		http_stream_end(l->http, f->stream);
		follower_free(f);
	}
}

/* ---- where it begins ---- */

/* A browser that connects again repeats the query as it was and adds the header. Numbers of another run of the daemon
 * mean nothing here: of one that is known by its instance, or by a number that is not there yet. */
static bool read_start(struct lab *l, struct http_request *r, uint64_t *ret_next)
{
	const char *instance = http_query(r, "instance");
	const char *last_event = http_header(r, "Last-Event-ID");
	bool is_other = instance && strcmp(instance, l->instance) != 0;
	int64_t end = (int64_t)journal_last(l->journal) + 1, from = end, last;

	if (last_event && text_to_int(last_event, 0, INT64_MAX - 1, &last))
		from = last + 1;
	else if (!lab_query_int(r, "from", 1, is_other ? INT64_MAX : end, &from))
		return false;
	if (is_other || from > end)
		from = 1;
	*ret_next = (uint64_t)from;
	return true;
}

void lab_follow(struct lab *l, struct http_request *r)
{
	CLEANUP(text_deinit) struct text begin = TEXT_INIT;
	struct lab_follower *f;
	uint64_t next;

	if (!read_start(l, r, &next))
		return;
	if (l->n_followers >= l->config->max_followers) {
		metric_inc(&l->door.limits_refused_total);
		lab_error(r, 429, "Too many streams of the journal; the limit is %lld.",
			  (long long)l->config->max_followers);
		return;
	}
	f = MEM_NEW(struct lab_follower);
	f->lab = l;
	f->next = next;
	f->is_local = lab_is_local(r);
	if (!lab_filter_read(l, &f->filter, r)) {
		free(f);
		return;
	}
	if (list_empty(&l->followers))
		loop_timer_set_real(l->loop, &l->heartbeat, l->config->heartbeat_ms, on_heartbeat,
				    l);
	list_append(&l->followers, &f->of_lab);
	l->n_followers++;
	add_begin(f, &begin);
	f->stream = http_stream(r, 200, "text/event-stream", on_stream_gone, f);
	http_stream_on_room(l->http, f->stream, on_room);
	if (http_stream_write(l->http, f->stream, text_str(&begin), begin.n) < 0)
		follower_free(f);
}

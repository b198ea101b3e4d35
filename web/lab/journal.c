/*
 * Lab API: the journal, page by page or as a stream
 *
 * A stream is JSON lines, a record each. A client that wants old records as well reads pages first and
 * starts the stream at their `next`, so that no answer is larger than a page.
 */
#include "mcxd/base/journal.h"
#include "mcxd/base/list.h"
#include "proto/record.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

#include <inttypes.h>

struct filter {
	char *kind, *user, *key; /* NULL: any */
};

struct lab_follower {
	struct list of_lab;
	struct lab *lab;
	uint64_t stream;
	uint64_t next; /* number of the next record to look at */
	struct filter filter;
};

static void filter_init(struct filter *f, const struct http_request *r)
{
	f->kind = mem_strdup(http_query(r, "kind"));
	f->user = mem_strdup(http_query(r, "user"));
	f->key = mem_strdup(http_query(r, "key"));
}

static void filter_deinit(struct filter *f)
{
	free(f->kind);
	free(f->user);
	free(f->key);
}

static bool filter_wants(const struct filter *f, const struct record *r)
{
	return (!f->kind || strcmp(f->kind, r->kind) == 0) &&
	       (!f->user || record_is_about(r, f->user)) && (!f->key || record_has_key(r, f->key));
}

/* ---- stream ---- */

static void follower_free(struct lab_follower *f)
{
	list_remove(&f->of_lab);
	f->lab->n_followers--;
	filter_deinit(&f->filter);
	free(f);
}

static void on_stream_gone(void *magic, uint64_t id)
{
	(void)id;
	follower_free(magic);
}

/* Returns what http_stream_write() does. */
static int follower_write(struct lab_follower *f, const struct record *r)
{
	struct json_object *o = record_encode(r);
	CLEANUP(text_deinit) struct text line = TEXT_INIT;

	text_add(&line, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
								  JSON_C_TO_STRING_NOSLASHESCAPE));
	text_add(&line, "\n");
	json_object_put(o);
	return http_stream_write(f->lab->http, f->stream, text_str(&line), line.n);
}

static int follower_feed(struct lab_follower *f)
{
	const struct journal *j = f->lab->journal;
	int err = 0;

	if (f->next < journal_first(j))
		f->next = journal_first(j);
	while (!err && f->next <= journal_last(j)) {
		const struct record *r = journal_get(j, f->next++);

		if (r && filter_wants(&f->filter, r))
			err = follower_write(f, r);
	}
	return err;
}

void lab_followers_feed(struct lab *l)
{
	list_for_each_safe (node, &l->followers) {
		struct lab_follower *f = LIST_ENTRY(node, struct lab_follower, of_lab);

		if (follower_feed(f) < 0)
			follower_free(f);
	}
}

void lab_followers_free(struct lab *l)
{
	list_for_each_safe (node, &l->followers) {
		struct lab_follower *f = LIST_ENTRY(node, struct lab_follower, of_lab);

		http_stream_end(l->http, f->stream);
		follower_free(f);
	}
}

static void follow(struct lab *l, struct http_request *r)
{
	int64_t last = (int64_t)journal_last(l->journal);
	int64_t from = last + 1;
	struct lab_follower *f;

	if (!lab_query_int(r, "from", 1, last + 1, &from))
		return;
	if (last - from >= l->config->max_page_records) {
		lab_error(r, 400,
			  "There are %" PRId64
			  " records from there on; read them page by page first.",
			  last - from + 1);
		return;
	}
	if (l->n_followers >= l->config->max_followers) {
		lab_error(r, 429, "Too many streams of the journal; the limit is %lld.",
			  (long long)l->config->max_followers);
		return;
	}
	f = MEM_NEW(struct lab_follower);
	f->lab = l;
	f->next = (uint64_t)from;
	filter_init(&f->filter, r);
	list_append(&l->followers, &f->of_lab);
	l->n_followers++;
	f->stream = http_stream(r, 200, "application/x-ndjson", on_stream_gone, f);
	if (follower_feed(f) < 0)
		follower_free(f);
}

/* ---- page ---- */

static void answer_page(struct lab *l, struct http_request *r, int64_t from, int64_t limit)
{
	const struct journal *j = l->journal;
	struct json_object *records = json_object_new_array();
	struct json_object *o = json_object_new_object();
	uint64_t next = (uint64_t)from;
	struct filter f;

	filter_init(&f, r);
	if (next < journal_first(j))
		next = journal_first(j);
	while (limit && next <= journal_last(j)) {
		const struct record *record = journal_get(j, next++);

		if (!record || !filter_wants(&f, record))
			continue;
		json_object_array_add(records, record_encode(record));
		limit--;
	}
	filter_deinit(&f);
	json_out_int(o, "first", (int64_t)journal_first(j));
	json_out_int(o, "last", (int64_t)journal_last(j));
	json_out_int(o, "next", (int64_t)next);
	json_object_object_add(o, "records", records);
	http_answer_json(r, 200, NULL, o);
}

void lab_get_journal(void *magic, struct http_request *r)
{
	struct lab *l = magic;
	int64_t from = 1, limit = l->config->max_page_records, is_stream = 0;

	if (!lab_has_journal(l, r) || !lab_query_int(r, "follow", 0, 1, &is_stream))
		return;
	if (is_stream) {
		follow(l, r);
		return;
	}
	if (lab_query_int(r, "from", 1, INT64_MAX, &from) &&
	    lab_query_int(r, "limit", 1, l->config->max_page_records, &limit))
		answer_page(l, r, from, limit);
}

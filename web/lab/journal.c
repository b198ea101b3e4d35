/*
 * Lab API: the journal, page by page
 */
#include "mcxd/base/journal.h"
#include "mcxd/base/random.h"
#include "proto/record.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/match.h"
#include "web/lab/private.h"

static void answer_page(struct lab *l, struct http_request *r, int64_t from, int64_t limit)
{
	const struct journal *j = l->journal;
	CLEANUP(match_deinit) struct match m = { 0 };
	struct json_object *records, *o;
	int64_t room = l->config->max_page_bytes;
	uint64_t next = (uint64_t)from;

	if (!lab_filter_read(l, &m, r))
		return;
	records = json_object_new_array();
	o = json_object_new_object();
	if (next < journal_first(j))
		next = journal_first(j);
	while (limit && room > 0 && next <= journal_last(j)) {
		const struct record *record = journal_get(j, next++);

		if (!record || !match_record(&m, record))
			continue;
		json_object_array_add(records, lab_encode_record(record, lab_is_local(r)));
		limit--;
		room -= (int64_t)record_size(record);
	}
	json_out_string(o, "instance", l->instance);
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

	if (!lab_has_journal(l, r) || !lab_query_bound(r, l->config, "follow", &is_stream))
		return;
	if (is_stream) {
		lab_follow(l, r);
		return;
	}
	if (lab_query_bound(r, l->config, "from", &from) &&
	    lab_query_bound(r, l->config, "limit", &limit))
		answer_page(l, r, from, limit);
}

void lab_replace_journal(struct lab *l, struct record *const *records, size_t n)
{
	if (!journal_is_on(l->journal))
		return;
	lab_waits_replace(l);
	lab_followers_free(l);
	journal_replace(l->journal, records, n);
	random_hex(sizeof(l->instance) / 2, l->instance);
}

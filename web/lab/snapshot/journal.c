/*
 * Lab API: the journal in a snapshot
 *
 * Records as GET /lab/v1/journal has them, but for what follows from the rest, and with their time as microseconds from
 * the moment of the snapshot, as rows have theirs.
 */
#include "mcxd/base/journal.h"

#include "proto/record.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"
#include "web/lab/snapshot/private.h"
#include "web/lab/snapshot/snapshot.h"

#define AT_US "atUs"

/* In place of this. */
static const char *const left_out[] = { "time", "labMs", "label" };

static const char members[] =
	"seq " AT_US " conversation sent kind from to users phone fault key link "
	"summary incoming fields raw rawBase64";

/* The one field that is a moment. */
#define DEADLINE "deadline"

static void write_deadline(struct json_object *fields, int64_t moment_us)
{
	const char *value = json_object_get_string(json_object_object_get(fields, DEADLINE));
	CLEANUP(mem_free_string) char *number = NULL;
	int64_t us;

	if (!value || !timestamp_read(value, &us))
		return;
	number = text_format("%lld", (long long)(us - moment_us));
	json_out_string(fields, DEADLINE, number);
}

static struct json_object *record_json(const struct record *r, int64_t moment_us, bool is_local)
{
	struct json_object *o = lab_encode_record(r, is_local);

	for (size_t i = 0; i < ARRAY_SIZE(left_out); i++)
		json_object_object_del(o, left_out[i]);
	json_out_int(o, AT_US, r->wall_us - moment_us);
	write_deadline(json_object_object_get(o, "fields"), moment_us);
	return o;
}

struct json_object *snapshot_journal_json(const struct lab *l, int64_t moment_us, bool is_local)
{
	struct json_object *list = json_object_new_array();
	const struct journal *j = l->journal;
	uint64_t first = journal_first(j), last = journal_last(j);

	if (last - first >= (uint64_t)l->config->max_export_records)
		first = last - (uint64_t)l->config->max_export_records + 1;
	for (uint64_t seq = first; seq <= last; seq++)
		json_object_array_add(list, record_json(journal_get(j, seq), moment_us, is_local));
	return list;
}

/* ---- reading ---- */

static bool has_only_members(struct json_object *o, struct text *why)
{
	json_object_object_foreach (o, name, value) {
		(void)value;
		if (snapshot_has_word(members, name))
			continue;
		text_addf(why, "Unknown member \"%.40s\".", name);
		return false;
	}
	return true;
}

/* record_decode() has read the rest, and does not know other records. */
static bool check_record(const struct snapshot_journal *s, const struct record *r, struct text *why)
{
	uint64_t expected = s->n ? s->records[s->n - 1]->seq + 1 : r->seq;

	if (!r->seq || r->seq != expected || r->seq > SNAPSHOT_MAX_NUMBER)
		text_add(why, "\"seq\" must be a number that rises by one from record to record.");
	else if (r->sent >= r->seq)
		text_add(why, "\"sent\" must be the number of an earlier record.");
	else if (r->conversation > SNAPSHOT_MAX_NUMBER)
		text_add(why, "\"conversation\" must be a number from 0 to 2^53 - 1.");
	else if (record_kind_of(r->kind) == N_RECORD_KINDS)
		text_addf(why, "Unknown kind \"%.40s\".", r->kind);
	return !why->n;
}

static bool read_record(void *magic, struct json_object *o, size_t i, struct text *why)
{
	struct snapshot_journal *s = magic;
	struct record *r = NULL;
	int64_t at_us = 0;

	(void)i;
	if (json_object_is_type(o, json_type_object) &&
	    (!has_only_members(o, why) ||
	     !snapshot_read_number(json_object_object_get(o, AT_US), -SNAPSHOT_MAX_US,
				   SNAPSHOT_MAX_US, &at_us))) {
		if (!why->n)
			text_add(why, "\"" AT_US "\" must be microseconds, at most 20 years.");
		return false;
	}
	if (record_decode(o, &r, why) < 0)
		return false;
	if (!check_record(s, r, why)) {
		free(r);
		return false;
	}
	r->wall_us = at_us;
	s->records[s->n++] = r;
	return true;
}

bool snapshot_journal_read(struct snapshot_journal *ret, struct json_object *list, struct text *why)
{
	ret->records = mem_zalloc((json_object_array_length(list) + 1) * sizeof(struct record *));
	return snapshot_read_list(list, "journal", read_record, ret, why);
}

/* The record with its deadline as a moment; it is freed, or returned as it is. */
static struct record *read_deadline(struct record *r, int64_t moment_us)
{
	CLEANUP(text_deinit) struct text time = TEXT_INIT;
	struct record_field fields[RECORD_MAX_FIELDS];
	const char *value = record_value(r, DEADLINE);
	struct record changed = *r, *copy;
	int64_t us;

	if (!value || !text_to_int(value, -SNAPSHOT_MAX_US, SNAPSHOT_MAX_US, &us))
		return r;
	timestamp_add(&time, us + moment_us, TIMESTAMP_US);
	for (size_t i = 0; i < r->n_fields; i++) {
		fields[i] = r->fields[i];
		if (!strcmp(fields[i].name, DEADLINE))
			fields[i].value = text_str(&time);
	}
	changed.fields = fields;
	copy = record_copy(&changed);
	free(r);
	return copy;
}

void snapshot_journal_load(struct snapshot_journal *s, struct lab *l, int64_t moment_us)
{
	for (size_t i = 0; i < s->n; i++) {
		s->records[i] = read_deadline(s->records[i], moment_us);
		s->records[i]->wall_us += moment_us;
	}
	lab_replace_journal(l, s->records, s->n);
}

void snapshot_journal_deinit(struct snapshot_journal *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->records[i]);
	free(s->records);
	*s = (struct snapshot_journal){ 0 };
}

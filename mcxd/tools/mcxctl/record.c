/*
 * mcxctl: journal records from JSON
 */
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "proto/text/base64.h"
#include "proto/text/json_out.h"

#include <time.h>

static const char *string_or_null(struct json_object *o, const char *name)
{
	struct json_object *member = NULL;

	if (!json_object_object_get_ex(o, name, &member) || !member)
		return NULL;
	return json_object_get_string(member);
}

static void read_fields(struct json_object *fields, struct journal_field *out, size_t *ret_n)
{
	*ret_n = 0;
	if (!json_object_is_type(fields, json_type_object))
		return;
	json_object_object_foreach (fields, name, value) {
		if (*ret_n == JOURNAL_MAX_FIELDS)
			return;
		out[(*ret_n)++] = (struct journal_field){ name, json_object_get_string(value) };
	}
}

/* "2026-01-02T03:04:05.678901Z" as json_out_new_time() of web/lab/json.c writes it. */
static int64_t read_time(const char *stamp)
{
	struct tm tm = { 0 };
	const char *fraction = stamp ? strptime(stamp, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;

	if (!fraction)
		return 0;
	return (int64_t)timegm(&tm) * 1000000 +
	       (*fraction == '.' ? strtoll(fraction + 1, NULL, 10) : 0);
}

static void read_raw(struct journal_entry *e, struct json_object *o, char **ret_decoded)
{
	struct json_object *member = NULL;
	struct text decoded = TEXT_INIT;

	if (json_object_object_get_ex(o, "raw", &member)) {
		e->raw = json_object_get_string(member);
		e->n_raw = (size_t)json_object_get_string_len(member);
		return;
	}
	if (!json_object_object_get_ex(o, "rawBase64", &member))
		return;
	if (base64_decode(&decoded, json_object_get_string(member),
			  (size_t)json_object_get_string_len(member)) < 0)
		return;
	e->n_raw = decoded.n;
	e->raw = *ret_decoded = text_take(&decoded);
}

static void read_record(struct ctl_records *r, size_t i, struct json_object *o)
{
	struct journal_record *record = &r->records[i];
	const char *kind = string_or_null(o, "kind");

	record->seq = (uint64_t)ctl_get_int(o, "seq");
	record->lab_ms = ctl_get_int(o, "labMs");
	record->wall_us = read_time(string_or_null(o, "time"));
	record->e = (struct journal_entry){
		.kind = kind ? kind : "",
		.from = string_or_null(o, "from"),
		.to = string_or_null(o, "to"),
		.incoming = json_object_get_boolean(ctl_get_object(o, "incoming")),
		.user = string_or_null(o, "user"),
		.key = string_or_null(o, "key"),
		.link = string_or_null(o, "link"),
		.summary = string_or_null(o, "summary"),
		.fields = r->fields[i],
	};
	read_fields(ctl_get_object(o, "fields"), r->fields[i], &record->e.n_fields);
	read_raw(&record->e, o, &r->raws[i]);
	r->pointers[i] = record;
}

void ctl_records_init(struct ctl_records *r, struct json_object *array, struct json_object *owner)
{
	size_t n =
		json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;

	*r = (struct ctl_records){ .owner = owner, .n = n };
	r->records = mem_zalloc(n * sizeof(r->records[0]));
	r->pointers = (const struct journal_record **)mem_zalloc(n * sizeof(void *));
	r->fields = mem_zalloc(n * sizeof(r->fields[0]));
	r->raws = (char **)mem_zalloc(n * sizeof(char *));
	for (size_t i = 0; i < n; i++)
		read_record(r, i, json_object_array_get_idx(array, i));
}

void ctl_records_deinit(struct ctl_records *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->raws[i]);
	free((void *)r->raws);
	free(r->fields);
	free((void *)r->pointers);
	free(r->records);
	json_object_put(r->owner);
	*r = (struct ctl_records){ 0 };
}

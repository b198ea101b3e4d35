/*
 * Journal records as JSON
 */
#include "web/lab/record.h"

#include "web/lab/json.h"

#include "proto/text/json_out.h"

#define PHONE_PREFIX "phone:"

const char *const lab_record_kinds[] = { "clock", "conversation", "event", "fault", "http",
					 "link",  "push",         "sip",   "state", "tile",
					 "toast", "user",         NULL };

static void put_present(struct json_object *o, const char *name, const char *value)
{
	if (value)
		json_out_string(o, name, value);
}

struct json_object *lab_record(const struct journal_record *r)
{
	struct json_object *o = json_object_new_object();
	struct json_object *fields = json_object_new_object();

	json_out_int(o, "seq", (int64_t)r->seq);
	json_out_time(o, "time", r->wall_us);
	json_out_int(o, "labMs", r->lab_ms);
	json_out_string(o, "kind", r->e.kind);
	put_present(o, "from", r->e.from);
	put_present(o, "to", r->e.to);
	if (r->e.from || r->e.to)
		json_out_bool(o, "incoming", r->e.incoming);
	put_present(o, "user", r->e.user);
	put_present(o, "key", r->e.key);
	put_present(o, "link", r->e.link);
	put_present(o, "summary", r->e.summary);
	for (size_t i = 0; i < r->e.n_fields; i++)
		put_present(fields, r->e.fields[i].name, r->e.fields[i].value);
	json_object_object_add(o, "fields", fields);
	json_out_bytes(o, "raw", r->e.raw, r->e.n_raw);
	return o;
}

static bool hop_is_of(const char *hop, const char *user)
{
	if (!hop)
		return false;
	if (strncmp(hop, PHONE_PREFIX, strlen(PHONE_PREFIX)) == 0)
		hop += strlen(PHONE_PREFIX);
	return strcasecmp(hop, user) == 0;
}

bool lab_record_is_of(const struct journal_record *r, const char *user)
{
	return (r->e.user && strcasecmp(r->e.user, user) == 0) || hop_is_of(r->e.from, user) ||
	       hop_is_of(r->e.to, user);
}

bool lab_record_has_key(const struct journal_record *r, const char *key)
{
	return (r->e.key && strcmp(r->e.key, key) == 0) ||
	       (r->e.link && strcmp(r->e.link, key) == 0);
}

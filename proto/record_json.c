/*
 * Record: as JSON
 */
#include "proto/record.h"

#include "proto/text/base64.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"

#include <errno.h>

/* ---- to JSON ---- */

static void add_number(struct json_object *o, const char *name, uint64_t n)
{
	if (n)
		json_out_int(o, name, (int64_t)n);
}

static void add_users(struct json_object *o, const struct record *r)
{
	struct json_object *users = json_object_new_array();

	for (size_t i = 0; i < RECORD_MAX_USERS; i++)
		if (r->users[i])
			json_object_array_add(users, json_out_new_string(r->users[i]));
	json_object_object_add(o, "users", users);
}

struct json_object *record_encode(const struct record *r)
{
	struct json_object *o = json_object_new_object();
	struct json_object *fields = json_object_new_object();
	CLEANUP(text_deinit) struct text label = TEXT_INIT;

	json_out_int(o, "seq", (int64_t)r->seq);
	json_out_time(o, "time", r->wall_us);
	json_out_int(o, "labMs", r->lab_ms);
	add_number(o, "conversation", r->conversation);
	add_number(o, "sent", r->sent);
#define X(member) json_out_optional(o, #member, r->member);
	RECORD_MEMBERS(X)
#undef X
	add_users(o, r);
	if (r->from || r->to)
		json_out_bool(o, "incoming", r->incoming);
	record_label(r, &label);
	json_out_string(o, "label", text_str(&label));
	for (size_t i = 0; i < r->n_fields; i++)
		json_out_optional(fields, r->fields[i].name, r->fields[i].value);
	json_object_object_add(o, "fields", fields);
	json_out_bytes(o, "raw", r->raw, r->n_raw);
	return o;
}

/* ---- from JSON ---- */

/* A record whose strings are those of the JSON. */
struct decoding {
	struct record r;
	struct record_field fields[RECORD_MAX_FIELDS];
	struct text raw; /* decoded from base64 */
	struct text *why;
};

static bool refuse(struct decoding *d, const char *name, const char *what)
{
	text_add_all(d->why, "\"", name, "\" ", what, ".");
	return false;
}

static bool is_string(struct json_object *o)
{
	return json_object_is_type(o, json_type_string) &&
	       strlen(json_object_get_string(o)) == (size_t)json_object_get_string_len(o);
}

static bool read_number(struct decoding *d, struct json_object *o, const char *name, uint64_t *ret)
{
	struct json_object *n = json_in_find(o, name);

	if (n && (!json_object_is_type(n, json_type_int) || json_object_get_int64(n) < 0))
		return refuse(d, name, "must be an integer, 0 or more");
	*ret = (uint64_t)json_object_get_int64(n);
	return true;
}

static bool read_numbers(struct decoding *d, struct json_object *o)
{
	struct json_object *lab_ms = json_in_find(o, "labMs");

	if (!json_in_find(o, "seq"))
		return refuse(d, "seq", "is missing");
	if (lab_ms && !json_object_is_type(lab_ms, json_type_int))
		return refuse(d, "labMs", "must be an integer");
	d->r.lab_ms = json_object_get_int64(lab_ms);
	return read_number(d, o, "seq", &d->r.seq) &&
	       read_number(d, o, "conversation", &d->r.conversation) &&
	       read_number(d, o, "sent", &d->r.sent);
}

static bool read_time(struct decoding *d, struct json_object *o)
{
	struct json_object *time = json_in_find(o, "time");

	if (!time ||
	    (is_string(time) && timestamp_read(json_object_get_string(time), &d->r.wall_us)))
		return true;
	return refuse(d, "time", "must be a time in UTC, such as 2011-07-25T12:00:00.000000Z");
}

static bool read_incoming(struct decoding *d, struct json_object *o)
{
	struct json_object *incoming = json_in_find(o, "incoming");

	if (incoming && !json_object_is_type(incoming, json_type_boolean))
		return refuse(d, "incoming", "must be true or false");
	d->r.incoming = json_object_get_boolean(incoming);
	return true;
}

static bool read_string(struct decoding *d, struct json_object *o, const char *name,
			const char **ret)
{
	struct json_object *s = json_in_find(o, name);

	if (s && !is_string(s))
		return refuse(d, name, "must be a string without NUL");
	*ret = json_object_get_string(s);
	return true;
}

static bool read_strings(struct decoding *d, struct json_object *o)
{
#define X(member)                                                                                  \
	if (!read_string(d, o, #member, &d->r.member))                                             \
		return false;
	RECORD_MEMBERS(X)
#undef X
	return d->r.kind || refuse(d, "kind", "is missing");
}

static bool read_users(struct decoding *d, struct json_object *o)
{
	static const char what[] = "must be an array of at most 4 strings without NUL";
	struct json_object *users = json_in_find(o, "users");

	_Static_assert(RECORD_MAX_USERS == 4, "the sentence says so");
	if (!users)
		return true;
	if (!json_object_is_type(users, json_type_array) ||
	    json_object_array_length(users) > RECORD_MAX_USERS)
		return refuse(d, "users", what);
	for (size_t i = 0; i < json_object_array_length(users); i++) {
		struct json_object *user = json_object_array_get_idx(users, i);

		if (!is_string(user))
			return refuse(d, "users", what);
		d->r.users[i] = json_object_get_string(user);
	}
	return true;
}

static bool read_fields(struct decoding *d, struct json_object *o)
{
	struct json_object *fields = json_in_find(o, "fields");

	d->r.fields = d->fields;
	if (!fields)
		return true;
	if (!json_object_is_type(fields, json_type_object))
		return refuse(d, "fields", "must be an object");
	json_object_object_foreach (fields, name, value) {
		if (!value)
			continue;
		if (!is_string(value))
			return refuse(d, "fields", "must have strings without NUL as values");
		if (d->r.n_fields == RECORD_MAX_FIELDS)
			return refuse(d, "fields", "has too many members");
		d->fields[d->r.n_fields++] =
			(struct record_field){ name, json_object_get_string(value) };
	}
	return true;
}

static bool read_raw(struct decoding *d, struct json_object *o)
{
	struct json_object *raw = json_in_find(o, "raw"), *encoded = json_in_find(o, "rawBase64");

	if (raw && encoded)
		return refuse(d, "raw", "and \"rawBase64\" exclude each other");
	if (raw && !json_object_is_type(raw, json_type_string))
		return refuse(d, "raw", "must be a string");
	if (encoded &&
	    (!is_string(encoded) || base64_decode(&d->raw, json_object_get_string(encoded),
						  strlen(json_object_get_string(encoded))) < 0))
		return refuse(d, "rawBase64", "must be a string in base64");
	if (raw) {
		d->r.raw = json_object_get_string(raw);
		d->r.n_raw = (size_t)json_object_get_string_len(raw);
	} else if (encoded) {
		d->r.raw = text_str(&d->raw);
		d->r.n_raw = d->raw.n;
	}
	return true;
}

int record_decode(struct json_object *o, struct record **ret, struct text *why)
{
	struct decoding d = { .why = why };

	*ret = NULL;
	if (!json_object_is_type(o, json_type_object))
		text_add(why, "A record must be an object.");
	else if (read_numbers(&d, o) && read_time(&d, o) && read_incoming(&d, o) &&
		 read_strings(&d, o) && read_users(&d, o) && read_fields(&d, o) && read_raw(&d, o))
		*ret = record_copy(&d.r);
	text_deinit(&d.raw);
	return *ret ? 0 : -EINVAL;
}

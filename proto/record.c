/*
 * Record
 */
#include "proto/record.h"

#include "proto/text/base64.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"
#include "proto/text/words.h"

#include <assert.h>
#include <errno.h>

/* ---- kinds ---- */

const struct record_kind_row record_kinds[N_RECORD_KINDS] = {
#define X(NAME, name, when, fields) [RECORD_##NAME] = { name, when, fields },
	RECORD_KINDS(X)
#undef X
};

enum record_kind record_kind_of(const char *name)
{
	unsigned kind = 0;

	while (kind < N_RECORD_KINDS && strcmp(record_kinds[kind].name, name) != 0)
		kind++;
	return (enum record_kind)kind;
}

/* ---- members ---- */

/* The members that are strings; in the JSON they have the same names. */
static const struct member {
	const char *name;
	size_t offset;
} members[] = {
#define MEMBER(m)                                                                                  \
	{                                                                                          \
		.name = #m, .offset = offsetof(struct record, m)                                   \
	}
	MEMBER(kind),  MEMBER(from), MEMBER(to),   MEMBER(user),
	MEMBER(other), MEMBER(key),  MEMBER(link), MEMBER(summary),
#undef MEMBER
};

static const char *get(const struct record *r, const struct member *m)
{
	return *(const char *const *)((const char *)r + m->offset);
}

static void set(struct record *r, const struct member *m, const char *value)
{
	*(const char **)((char *)r + m->offset) = value;
}

bool record_kind_has(enum record_kind kind, const char *field)
{
	CLEANUP(words_free) char **fields = words_split(record_kinds[kind].fields);

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (strcmp(members[i].name, field) == 0)
			return true;
	for (char **name = fields; *name; name++)
		if (strcmp(*name, field) == 0)
			return true;
	return false;
}

const char *record_value(const struct record *r, const char *field)
{
	for (size_t i = 0; i < r->n_fields; i++)
		if (strcmp(r->fields[i].name, field) == 0)
			return r->fields[i].value;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (strcmp(members[i].name, field) == 0)
			return get(r, &members[i]);
	return NULL;
}

static bool hop_is_of(const char *hop, const char *aor)
{
	if (!hop)
		return false;
	if (strncmp(hop, RECORD_PHONE_PREFIX, strlen(RECORD_PHONE_PREFIX)) == 0)
		hop += strlen(RECORD_PHONE_PREFIX);
	return strcasecmp(hop, aor) == 0;
}

bool record_is_about(const struct record *r, const char *aor)
{
	return (r->user && strcasecmp(r->user, aor) == 0) ||
	       (r->other && strcasecmp(r->other, aor) == 0) || hop_is_of(r->from, aor) ||
	       hop_is_of(r->to, aor);
}

bool record_has_key(const struct record *r, const char *key)
{
	return (r->key && strcmp(r->key, key) == 0) || (r->link && strcmp(r->link, key) == 0);
}

/* ---- copy ---- */

struct copy {
	struct record r;
	struct record_field fields[];
};

/* Sizes of the strings in the order in which they are copied: a journal copies every message, so each is
 * measured only once. */
struct strings {
	size_t sizes[ARRAY_SIZE(members) + (size_t)2 * RECORD_MAX_FIELDS];
	size_t n;
	size_t total;
};

static void measure(struct strings *strings, const char *s)
{
	size_t size = s ? strlen(s) + 1 : 0;

	strings->sizes[strings->n++] = size;
	strings->total += size;
}

/* Returns how many fields have a value. */
static size_t measure_record(struct strings *ret, const struct record *r)
{
	size_t n_fields = 0;

	assert(r->kind && r->n_fields <= RECORD_MAX_FIELDS);
	ret->n = 0;
	ret->total = 0;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		measure(ret, get(r, &members[i]));
	for (size_t i = 0; i < r->n_fields; i++) {
		if (!r->fields[i].value)
			continue;
		measure(ret, r->fields[i].name);
		measure(ret, r->fields[i].value);
		n_fields++;
	}
	return n_fields;
}

/* Where the next string goes, and its size. */
struct cursor {
	char *at;
	const size_t *size;
};

static const char *put(struct cursor *c, const char *s)
{
	size_t size = *c->size++;
	char *copy = c->at;

	if (!s)
		return NULL;
	memcpy(copy, s, size);
	c->at += size;
	return copy;
}

static const void *put_raw(struct cursor *c, const struct record *r)
{
	char *copy = c->at;

	if (!r->raw)
		return NULL;
	if (r->n_raw > 0)
		memcpy(copy, r->raw, r->n_raw);
	copy[r->n_raw] = '\0';
	c->at += r->n_raw + 1;
	return copy;
}

struct record *record_copy(const struct record *r, size_t *ret_size)
{
	struct strings strings;
	size_t n_fields = measure_record(&strings, r);
	size_t size = sizeof(struct copy) + n_fields * sizeof(struct record_field) + strings.total +
		      (r->raw ? r->n_raw + 1 : 0);
	struct copy *copy = mem_check(malloc(size));
	struct cursor c = { (char *)&copy->fields[n_fields], strings.sizes };
	size_t n = 0;

	copy->r = *r;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		set(&copy->r, &members[i], put(&c, get(r, &members[i])));
	for (size_t i = 0; i < r->n_fields; i++) {
		if (!r->fields[i].value)
			continue;
		copy->fields[n].name = put(&c, r->fields[i].name);
		copy->fields[n].value = put(&c, r->fields[i].value);
		n++;
	}
	copy->r.fields = copy->fields;
	copy->r.n_fields = n;
	copy->r.raw = put_raw(&c, r);
	copy->r.n_raw = r->raw ? r->n_raw : 0;
	if (ret_size)
		*ret_size = size;
	return &copy->r;
}

/* ---- to JSON ---- */

struct json_object *record_encode(const struct record *r)
{
	struct json_object *o = json_object_new_object();
	struct json_object *fields = json_object_new_object();

	json_out_int(o, "seq", (int64_t)r->seq);
	json_out_time(o, "time", r->wall_us);
	json_out_int(o, "labMs", r->lab_ms);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		json_out_optional(o, members[i].name, get(r, &members[i]));
	if (r->from || r->to)
		json_out_bool(o, "incoming", r->incoming);
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

static bool read_numbers(struct decoding *d, struct json_object *o)
{
	struct json_object *seq = json_in_find(o, "seq"), *lab_ms = json_in_find(o, "labMs");

	if (!seq)
		return refuse(d, "seq", "is missing");
	if (!json_object_is_type(seq, json_type_int) || json_object_get_int64(seq) < 0)
		return refuse(d, "seq", "must be an integer, 0 or more");
	if (lab_ms && !json_object_is_type(lab_ms, json_type_int))
		return refuse(d, "labMs", "must be an integer");
	d->r.seq = (uint64_t)json_object_get_int64(seq);
	d->r.lab_ms = json_object_get_int64(lab_ms);
	return true;
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

static bool read_strings(struct decoding *d, struct json_object *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		struct json_object *s = json_in_find(o, members[i].name);

		if (!s)
			continue;
		if (!is_string(s))
			return refuse(d, members[i].name, "must be a string without NUL");
		set(&d->r, &members[i], json_object_get_string(s));
	}
	return d->r.kind || refuse(d, "kind", "is missing");
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
		 read_strings(&d, o) && read_fields(&d, o) && read_raw(&d, o))
		*ret = record_copy(&d.r, NULL);
	text_deinit(&d.raw);
	return *ret ? 0 : -EINVAL;
}

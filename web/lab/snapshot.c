/*
 * Lab API: rows of a snapshot as JSON
 */
#include "web/lab/snapshot.h"

#include "mcxd/base/loop.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/core/core.h"
#include "mcxd/core/snapshot.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "proto/sip/uri.h"
#include "proto/text/chars.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/json.h"

/* Numbers that every reader of JSON has exactly, and moments from which no sum overflows. */
#define MAX_NUMBER ((INT64_C(1) << 53) - 1)
#define MAX_US     (INT64_C(20) * 365 * 86400 * 1000000)

enum { MAX_TEXT = 65536, US_PER_MS = 1000 };

/* Columns that are never null, by kind. */
static const char *const required[N_STORE_KINDS] = {
	[STORE_BINDING] = "user contact route call_id",
	[STORE_PHONE] = "user app_id endpoint_id epid push_identity gruu_token expires_wall_us",
	[STORE_EVENT] = "kind",
	[STORE_TOKEN] = "user digest password expires_wall_us",
	[STORE_MISSED] = "from_user",
	[STORE_CONVERSATION] = "from_user to_user thread_id began_wall_us",
	[STORE_DIALOG] = "call_id local remote route self",
	[STORE_PRESENCE] = "user",
	[STORE_WATCH] = "name users expires_wall_us",
};
/* What people write, of any kind: all characters are taken as they were from whoever sent them. The others are parts of
 * header lines. */
static const char written[] = "text first_line subject note location";

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *s = list; s && (s = strstr(s, word)); s += n)
		if ((s == list || s[-1] == ' ') && (s[n] == ' ' || !s[n]))
			return true;
	return false;
}

int64_t snapshot_moment_us(const struct core *c)
{
	int64_t us = loop_wall_us(c->loop);

	return us - us % US_PER_MS;
}

/* ---- writing ---- */

struct writing {
	struct json_object *kinds;
	int64_t moment_us;
	bool with_tokens;
};

static struct json_object *value_json(const struct writing *w, enum store_type type, const void *at)
{
	int64_t us;

	switch (type) {
	case STORE_TEXT: return json_out_new_string(*(const char *const *)at);
	case STORE_NUMBER: return json_object_new_int64((int64_t) * (const uint64_t *)at);
	case STORE_FLAG: return json_object_new_boolean(*(const bool *)at);
	case STORE_TIME: break;
	}
	us = *(const int64_t *)at;
	return us ? json_object_new_int64(us - w->moment_us) : NULL;
}

static void write_row(void *magic, const struct store_row *row)
{
	const struct writing *w = magic;
	const struct store_table *table = &store_tables[row->kind];
	struct json_object *o, *list;
	struct store_row view = *row;

	if (row->kind == STORE_TOKEN && !w->with_tokens)
		return;
	json_object_object_get_ex(w->kinds, table->name, &list);
	o = json_object_new_object();
	json_out_int(o, "id", (int64_t)row->id);
	for (size_t i = 0; i < table->n_columns; i++)
		json_object_object_add(o, table->columns[i].name,
				       value_json(w, table->columns[i].type,
						  store_row_at(&view, &table->columns[i])));
	json_object_array_add(list, o);
}

static int by_id(const void *a, const void *b)
{
	struct json_object *const *one = a, *const *two = b;
	int64_t x = json_object_get_int64(json_object_object_get(*one, "id"));
	int64_t y = json_object_get_int64(json_object_object_get(*two, "id"));

	return x < y ? -1 : x > y;
}

struct json_object *snapshot_rows_json(struct core *c, bool with_tokens)
{
	struct writing w = { json_object_new_object(), snapshot_moment_us(c), with_tokens };

	for (int kind = 0; kind < N_STORE_KINDS; kind++)
		if (kind != STORE_USER)
			json_object_object_add(w.kinds, store_tables[kind].name,
					       json_object_new_array());
	snapshot_take(c, write_row, &w);
	json_object_object_foreach (w.kinds, name, list) {
		(void)name;
		json_object_array_sort(list, by_id);
	}
	return w.kinds;
}

static int by_aor(const void *a, const void *b)
{
	struct json_object *const *one = a, *const *two = b;

	return strcmp(json_object_get_string(json_object_object_get(*one, "aor")),
		      json_object_get_string(json_object_object_get(*two, "aor")));
}

/* Those of the open domain are users wherever that is open. */
struct json_object *snapshot_users_json(const struct core *c, bool with_passwords)
{
	struct json_object *users = json_object_new_array();
	const struct user *u;
	void *cursor = NULL;

	while ((u = user_next(c, &cursor))) {
		struct json_object *o;

		if (u->origin == USER_OPEN)
			continue;
		o = json_object_new_object();
		json_out_string(o, "aor", u->aor);
		json_out_string(o, "display_name", u->display_name);
		json_out_string(o, "password", with_passwords ? u->password : NULL);
		json_out_string(o, "number", u->number);
		json_out_bool(o, "enable_mobility", u->policy.enable_mobility);
		json_out_bool(o, "enable_push", u->policy.enable_push);
		json_object_array_add(users, o);
	}
	json_object_array_sort(users, by_aor);
	return users;
}

/* ---- reading ---- */

struct reading {
	int64_t moment_us;
	struct store_row *rows;
	size_t n;
	struct setting_map names; /* of what there must not be two of */
	struct text *why;
};

static bool is_text(struct json_object *value, bool is_written)
{
	const char *s = json_object_get_string(value);
	size_t n = strlen(s);

	return n == (size_t)json_object_get_string_len(value) && n <= MAX_TEXT &&
	       (is_written || !chars_have_control(s, n));
}

static bool read_number(struct json_object *value, int64_t min, int64_t max, int64_t *ret)
{
	if (!json_object_is_type(value, json_type_int))
		return false;
	*ret = json_object_get_int64(value);
	return *ret >= min && *ret <= max;
}

/* What a value must be, having put it into the row; NULL: it is. */
static const char *read_value(const struct reading *r, const struct store_column *column,
			      struct json_object *value, void *at)
{
	int64_t number = 0;

	switch (column->type) {
	case STORE_TEXT:
		if (value && (!json_object_is_type(value, json_type_string) ||
			      !is_text(value, has_word(written, column->name))))
			return "a string of at most 64k without control characters";
		*(const char **)at = value ? json_object_get_string(value) : NULL;
		return NULL;
	case STORE_NUMBER:
		if (!read_number(value, 0, MAX_NUMBER, &number))
			return "a number from 0 to 2^53 - 1";
		*(uint64_t *)at = (uint64_t)number;
		return NULL;
	case STORE_FLAG:
		if (!json_object_is_type(value, json_type_boolean))
			return "true or false";
		*(bool *)at = json_object_get_boolean(value);
		return NULL;
	case STORE_TIME: break;
	}
	if (value && !read_number(value, -MAX_US, MAX_US, &number))
		return "microseconds, at most 20 years";
	*(int64_t *)at = value ? number + r->moment_us : 0;
	return NULL;
}

static bool read_column(struct reading *r, struct store_row *row, const struct store_column *column,
			struct json_object *o)
{
	struct json_object *value;
	const char *expected;

	if (!json_object_object_get_ex(o, column->name, &value))
		expected = "there";
	else if (!value && has_word(required[row->kind], column->name))
		expected = "set";
	else
		expected = read_value(r, column, value, store_row_at(row, column));
	if (expected)
		text_addf(r->why, "\"%s\" must be %s", column->name, expected);
	return !expected;
}

static bool is_column(const struct store_table *table, const char *name)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (!strcmp(table->columns[i].name, name))
			return true;
	return false;
}

static bool has_only_columns(struct reading *r, const struct store_table *table,
			     struct json_object *o)
{
	json_object_object_foreach (o, name, value) {
		(void)value;
		if (!strcmp(name, "id") || is_column(table, name))
			continue;
		text_addf(r->why, "\"%.40s\" is not a column", name);
		return false;
	}
	return true;
}

static bool is_first(struct reading *r, const char *what, const char *name)
{
	CLEANUP(mem_free_string) char *key = text_concat(what, " ", name);

	if (setting_map_get(&r->names, key)) {
		text_addf(r->why, "there are two of %s", key);
		return false;
	}
	setting_map_set(&r->names, key, "");
	return true;
}

static bool is_only_leg(struct reading *r, const struct store_row *row)
{
	bool is_phone = row->kind == STORE_PHONE_LEG;
	bool caller = is_phone ? row->phone_leg.caller : row->dialog.caller;
	uint64_t v = is_phone ? row->phone_leg.conversation : row->dialog.conversation;
	char number[TEXT_NUMBER_SIZE];

	if (is_phone && !caller && !row->phone_leg.connected)
		return true;
	return is_first(r, caller ? "caller of conversation" : "callee of conversation",
			text_number(number, v));
}

/* What core takes for granted of a store. */
static bool is_only_one(struct reading *r, const struct store_row *row)
{
	if (row->kind == STORE_PHONE)
		return is_first(r, "application", row->phone.app_id);
	if (row->kind == STORE_TOKEN)
		return is_first(r, "token", row->token.digest);
	if (row->kind == STORE_PRESENCE)
		return is_first(r, "presence of", row->presence.user);
	if (row->kind == STORE_WATCH)
		return is_first(r, "presence subscription", row->watch.name);
	if (row->kind == STORE_PHONE_LEG || row->kind == STORE_DIALOG)
		return is_only_leg(r, row);
	return true;
}

static bool read_row(struct reading *r, enum store_kind kind, struct json_object *o,
		     uint64_t last_id)
{
	const struct store_table *table = &store_tables[kind];
	struct store_row *row = &r->rows[r->n];
	struct json_object *id = NULL;
	int64_t number;

	*row = (struct store_row){ .kind = kind };
	if (!json_object_is_type(o, json_type_object)) {
		text_add(r->why, "a row is an object");
		return false;
	}
	json_object_object_get_ex(o, "id", &id);
	if (!read_number(id, (int64_t)last_id + 1, MAX_NUMBER, &number)) {
		text_add(r->why, "\"id\" must be a number that rises from row to row");
		return false;
	}
	row->id = (uint64_t)number;
	for (size_t i = 0; i < table->n_columns; i++)
		if (!read_column(r, row, &table->columns[i], o))
			return false;
	if (!has_only_columns(r, table, o) || !is_only_one(r, row))
		return false;
	r->n++;
	return true;
}

static bool read_kind(struct reading *r, enum store_kind kind, struct json_object *list)
{
	uint64_t last_id = 0;

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		CLEANUP(text_deinit) struct text what = TEXT_INIT;
		struct text *why = r->why;
		bool good;

		r->why = &what;
		good = read_row(r, kind, json_object_array_get_idx(list, i), last_id);
		r->why = why;
		if (!good) {
			text_addf(why, "rows.%s[%zu]: %s.", store_tables[kind].name, i,
				  text_str(&what));
			return false;
		}
		last_id = r->rows[r->n - 1].id;
	}
	return true;
}

static void take_kinds(struct lab_member members[N_STORE_KINDS])
{
	for (int kind = STORE_USER + 1; kind < N_STORE_KINDS; kind++)
		members[kind] =
			(struct lab_member){ store_tables[kind].name, json_type_array, true, NULL };
}

static bool read_rows(struct reading *r, struct json_object *rows)
{
	struct lab_member members[N_STORE_KINDS];
	size_t n = 0;

	take_kinds(members);
	if (!lab_take_members(rows, members + 1, N_STORE_KINDS - 1, r->why))
		return false;
	for (int kind = STORE_USER + 1; kind < N_STORE_KINDS; kind++)
		n += json_object_array_length(members[kind].value);
	r->rows = mem_zalloc((n + 1) * sizeof(*r->rows));
	for (int kind = STORE_USER + 1; kind < N_STORE_KINDS; kind++)
		if (!read_kind(r, (enum store_kind)kind, members[kind].value))
			return false;
	return true;
}

/* Those that are text are in the order of enum user_text. */
enum { AOR, NAME, PASSWORD, NUMBER, MOBILITY, PUSH, N_USER_MEMBERS };

static const struct lab_member user_members[N_USER_MEMBERS] = {
	[AOR] = { "aor", json_type_string, true },
	[NAME] = { "display_name", json_type_string, true },
	[PASSWORD] = { "password", json_type_string, false },
	[NUMBER] = { "number", json_type_string, false },
	[MOBILITY] = { "enable_mobility", json_type_boolean, true },
	[PUSH] = { "enable_push", json_type_boolean, true },
};

static bool read_user(struct reading *r, struct json_object *o, struct user_spec *ret)
{
	struct lab_member m[N_USER_MEMBERS];
	char aor[URI_MAX_AOR + 1];

	memcpy(m, user_members, sizeof(m));
	if (!json_object_is_type(o, json_type_object)) {
		text_add(r->why, "A user is an object.");
		return false;
	}
	if (!lab_take_members(o, m, N_USER_MEMBERS, r->why))
		return false;
	for (int i = AOR; i <= NUMBER; i++) {
		const char *flaw =
			m[i].value ? user_text_flaw((enum user_text)i, lab_member_string(&m[i]))
				   : NULL;

		if (!flaw)
			continue;
		text_addf(r->why, "\"%s\" %s.", m[i].name, flaw);
		return false;
	}
	*ret = (struct user_spec){ .aor = lab_member_string(&m[AOR]),
				   .display_name = lab_member_string(&m[NAME]),
				   .password = lab_member_string(&m[PASSWORD]),
				   .number = lab_member_string(&m[NUMBER]),
				   .policy = { .enable_mobility =
						       lab_member_bool(&m[MOBILITY], true),
					       .enable_push = lab_member_bool(&m[PUSH], true) } };
	return uri_aor(ret->aor, aor, NULL) >= 0 && is_first(r, "user", aor);
}

static bool read_users(struct reading *r, struct json_object *list, struct user_spec *ret)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		CLEANUP(text_deinit) struct text what = TEXT_INIT;
		struct text *why = r->why;
		bool good;

		r->why = &what;
		good = read_user(r, json_object_array_get_idx(list, i), &ret[i]);
		r->why = why;
		if (!good) {
			text_addf(why, "users[%zu]: %s", i, text_str(&what));
			return false;
		}
	}
	return true;
}

bool snapshot_read(struct snapshot *ret, const struct snapshot_parts *parts, int64_t moment_us,
		   struct text *why)
{
	struct reading r = { .moment_us = moment_us, .why = why };
	struct json_object *users = parts->users;
	size_t n_users = json_object_array_length(users);
	struct user_spec *specs = mem_zalloc((n_users + 1) * sizeof(*specs));
	bool good = read_users(&r, users, specs) && read_rows(&r, parts->rows);

	*ret = (struct snapshot){
		.users = specs, .n_users = n_users, .rows = r.rows, .n_rows = r.n
	};
	setting_map_deinit(&r.names);
	return good;
}

void snapshot_deinit(struct snapshot *s)
{
	free(mem_no_const(s->users));
	free(mem_no_const(s->rows));
	*s = (struct snapshot){ 0 };
}

static void shift_row(struct store_row *row, int64_t by_us)
{
	const struct store_table *table = &store_tables[row->kind];

	for (size_t i = 0; i < table->n_columns; i++) {
		int64_t *us = store_row_at(row, &table->columns[i]);

		if (table->columns[i].type == STORE_TIME && *us)
			*us += by_us;
	}
}

void snapshot_shift(struct snapshot *s, int64_t by_us)
{
	struct store_row *rows = mem_no_const(s->rows);

	for (size_t i = 0; i < s->n_rows; i++)
		shift_row(&rows[i], by_us);
}

/*
 * Lab API: rows of a snapshot from JSON
 */
#include "mcxd/core/store_row.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/json.h"
#include "web/lab/snapshot/private.h"

/* Columns that are never null, by kind. */
static const char *const required[N_ROW_KINDS] = {
	[STORE_BINDING] = "user contact route call_id",
	[STORE_PHONE] = "user app_id endpoint_id epid push_identity gruu_token expires_wall_us",
	[STORE_EVENT] = "kind",
	[STORE_TOKEN] = "user digest password expires_wall_us",
	[STORE_MISSED] = "from_user",
	[STORE_CONVERSATION] = "from_user to_user thread_id began_wall_us",
	[STORE_DIALOG] = "call_id local remote route self",
	[STORE_PAGER] = "self peer",
	[STORE_PRESENCE] = "user",
	[STORE_WATCH] = "name users expires_wall_us",
	[STORE_ENDED] = "from_user to_user began_wall_us ended_wall_us",
	[STORE_PUSH] = "state sent_wall_us",
};

/* What people wrote, or somebody gave as a reason; and a list. In any kind. */
static const char any_text[] = "text first_line subject note location reason users";

static const char *read_text(const char *column, struct json_object *value, const char **ret)
{
	bool is_any = snapshot_has_word(any_text, column);

	if (value && (!json_object_is_type(value, json_type_string) ||
		      !(is_any ? snapshot_is_text(value) : snapshot_is_name(value))))
		return is_any ? "a string without NUL characters"
			      : "a string of at most 64k without line ends";
	*ret = value ? json_object_get_string(value) : NULL;
	return NULL;
}

/* What a value must be, having put it into the row; NULL: it is. */
static const char *read_value(const struct snapshot_reading *r, const struct store_column *column,
			      struct json_object *value, void *at)
{
	int64_t number = 0;

	switch (column->type) {
	case STORE_TEXT: return read_text(column->name, value, at);
	case STORE_NUMBER:
		if (!snapshot_read_number(value, 0, SNAPSHOT_MAX_NUMBER, &number))
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
	if (value && !snapshot_read_number(value, -SNAPSHOT_MAX_US, SNAPSHOT_MAX_US, &number))
		return "microseconds, at most 20 years";
	*(int64_t *)at = value ? number + r->moment_us : 0;
	return NULL;
}

static bool read_column(struct snapshot_reading *r, struct store_row *row,
			const struct store_column *column, struct json_object *o)
{
	struct json_object *value;
	const char *expected;

	if (!json_object_object_get_ex(o, column->name, &value))
		expected = "there";
	else if (!value && snapshot_has_word(required[row->kind], column->name))
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

static bool has_only_columns(struct snapshot_reading *r, const struct store_table *table,
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

static bool is_only_leg(struct snapshot_reading *r, const struct store_row *row)
{
	bool is_phone = row->kind == STORE_PHONE_LEG, caller;
	char number[TEXT_NUMBER_SIZE];
	uint64_t v;

	if (is_phone) {
		caller = row->phone_leg.caller;
		v = row->phone_leg.conversation;
	} else if (row->kind == STORE_PAGER) {
		caller = row->pager.caller;
		v = row->pager.conversation;
	} else {
		caller = row->dialog.caller;
		v = row->dialog.conversation;
	}
	if (is_phone && !caller && !row->phone_leg.connected)
		return true;
	return snapshot_is_first(r, caller ? "caller of conversation" : "callee of conversation",
				 text_number(number, v));
}

/* What core takes for granted of a store. */
static bool is_only_one(struct snapshot_reading *r, const struct store_row *row)
{
	char number[TEXT_NUMBER_SIZE];

	if (row->kind == STORE_PHONE)
		return snapshot_is_first(r, "application", row->phone.app_id);
	if (row->kind == STORE_TOKEN)
		return snapshot_is_first(r, "token", row->token.digest);
	if (row->kind == STORE_PRESENCE)
		return snapshot_is_first(r, "presence of", row->presence.user);
	if (row->kind == STORE_WATCH)
		return snapshot_is_first(r, "presence subscription", row->watch.name);
	if (row->kind == STORE_CONVERSATION)
		return snapshot_is_first(r, "conversation", text_number(number, row->id));
	if (row->kind == STORE_ENDED)
		return snapshot_is_first(r, "conversation",
					 text_number(number, row->ended.conversation));
	if (row->kind == STORE_PHONE_LEG || row->kind == STORE_DIALOG || row->kind == STORE_PAGER)
		return is_only_leg(r, row);
	return true;
}

/* Where the rows of one kind are read to. */
struct kind_reading {
	struct snapshot_reading *r;
	enum store_kind kind;
	uint64_t last_id;
};

static bool read_id(struct kind_reading *k, struct json_object *o, uint64_t *ret)
{
	struct json_object *id = NULL;
	int64_t number;

	json_object_object_get_ex(o, "id", &id);
	if (!snapshot_read_number(id, (int64_t)k->last_id + 1, SNAPSHOT_MAX_NUMBER, &number)) {
		text_add(k->r->why, "\"id\" must be a number that rises from row to row");
		return false;
	}
	*ret = k->last_id = (uint64_t)number;
	return true;
}

static bool read_row(struct kind_reading *k, struct json_object *o)
{
	const struct store_table *table = &store_tables[k->kind];
	struct snapshot_reading *r = k->r;
	struct store_row *row = &r->rows[r->n];

	*row = (struct store_row){ .kind = k->kind };
	if (!json_object_is_type(o, json_type_object)) {
		text_add(r->why, "a row is an object");
		return false;
	}
	if (!read_id(k, o, &row->id))
		return false;
	for (size_t i = 0; i < table->n_columns; i++)
		if (!read_column(r, row, &table->columns[i], o))
			return false;
	if (!has_only_columns(r, table, o) || !is_only_one(r, row))
		return false;
	r->n++;
	return true;
}

static bool on_row(void *magic, struct json_object *o, size_t i, struct text *why)
{
	struct kind_reading *k = magic;
	bool good;

	(void)i;
	k->r->why = why;
	good = read_row(k, o);
	if (!good)
		text_add(why, ".");
	return good;
}

static bool read_kind(struct snapshot_reading *r, enum store_kind kind, struct json_object *list)
{
	CLEANUP(mem_free_string) char *name = text_concat("rows.", store_tables[kind].name);
	struct kind_reading k = { r, kind, 0 };
	struct text *why = r->why;
	bool good = snapshot_read_list(list, name, on_row, &k, why);

	r->why = why;
	return good;
}

static void take_kinds(struct lab_member members[N_ROW_KINDS])
{
	for (int kind = STORE_USER + 1; kind < N_ROW_KINDS; kind++)
		members[kind] =
			(struct lab_member){ store_tables[kind].name, json_type_array, true };
}

bool snapshot_read_rows(struct snapshot_reading *r, struct json_object *rows)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct lab_member members[N_ROW_KINDS];
	size_t n = 0;

	take_kinds(members);
	if (!lab_take_members(rows, members + 1, N_ROW_KINDS - 1, &why)) {
		text_add_all(r->why, "rows: ", text_str(&why));
		return false;
	}
	for (int kind = STORE_USER + 1; kind < N_ROW_KINDS; kind++)
		n += json_object_array_length(members[kind].value);
	r->rows = mem_zalloc((n + 1) * sizeof(*r->rows));
	for (int kind = STORE_USER + 1; kind < N_ROW_KINDS; kind++)
		if (!read_kind(r, (enum store_kind)kind, members[kind].value))
			return false;
	return true;
}

/*
 * Store row
 */
#include "mcxd/core/store_row.h"

#include "proto/text/mem.h"

/* The struct that a list's columns are members of cannot be an argument of the list: each table defines ROW. */
#define MADE(type_, name_)                                                                         \
	{ .name = #name_, .type = STORE_##type_, .offset = offsetof(struct ROW, name_) },
#define KEPT(type_, name_, member_) MADE(type_, name_)

#define ROW user_row
static const struct store_column user_columns[] = { STORE_USER_COLUMNS(KEPT, MADE) };
#undef ROW
#define ROW binding_row
static const struct store_column binding_columns[] = { STORE_BINDING_COLUMNS(KEPT, MADE) };
#undef ROW
#define ROW phone_row
static const struct store_column phone_columns[] = { STORE_PHONE_COLUMNS(KEPT, MADE) };
#undef ROW
#define ROW queue_row
static const struct store_column queue_columns[] = { STORE_QUEUE_COLUMNS(KEPT, MADE) };
#undef ROW
#define ROW event_row
static const struct store_column event_columns[] = { STORE_EVENT_COLUMNS(KEPT, MADE) };
#undef ROW
#define ROW missed_row
static const struct store_column missed_columns[] = { STORE_MISSED_COLUMNS(KEPT, MADE) };
#undef ROW
#define ROW token_row
static const struct store_column token_columns[] = { STORE_TOKEN_COLUMNS(KEPT, MADE) };
#undef ROW
#define ROW counter_row
static const struct store_column counter_columns[] = { STORE_COUNTER_COLUMNS(KEPT, MADE) };
#undef ROW
#define ROW conversation_row
static const struct store_column conversation_columns[] = { STORE_CONVERSATION_COLUMNS(KEPT,
										       MADE) };
#undef ROW
#define ROW phone_leg_row
static const struct store_column phone_leg_columns[] = { STORE_PHONE_LEG_COLUMNS(KEPT, MADE) };
#undef ROW
#define ROW sending_row
static const struct store_column sending_columns[] = { STORE_SENDING_COLUMNS(KEPT, MADE) };
#undef ROW
#define ROW cseq_row
static const struct store_column cseq_columns[] = { STORE_CSEQ_COLUMNS(KEPT, MADE) };
#undef ROW
#define ROW dialog_row
static const struct store_column dialog_columns[] = { STORE_DIALOG_COLUMNS(KEPT, MADE) };
#undef ROW

#define ROW pager_row
static const struct store_column pager_columns[] = { STORE_PAGER_COLUMNS(KEPT, MADE) };
#undef ROW

#define ROW presence_row
static const struct store_column presence_columns[] = { STORE_PRESENCE_COLUMNS(KEPT, MADE) };
#undef ROW

#define ROW watch_row
static const struct store_column watch_columns[] = { STORE_WATCH_COLUMNS(KEPT, MADE) };
#undef ROW

#define ROW ended_row
static const struct store_column ended_columns[] = { STORE_ENDED_COLUMNS(KEPT, MADE) };
#undef ROW

#define ROW push_row
static const struct store_column push_columns[] = { STORE_PUSH_COLUMNS(KEPT, MADE) };
#undef ROW

#define ROW said_row
static const struct store_column said_columns[] = { STORE_SAID_COLUMNS(KEPT, MADE) };
#undef ROW

#define TABLE(kind_, name_)                                                                        \
	[STORE_##kind_] = { .name = #name_,                                                        \
			    .columns = name_##_columns,                                            \
			    .n_columns = ARRAY_SIZE(name_##_columns) },

const struct store_table store_tables[N_ROW_KINDS] = { STORE_KINDS(TABLE) SNAPSHOT_KINDS(TABLE) };

void *store_row_at(struct store_row *row, const struct store_column *column)
{
	return (char *)row + offsetof(struct store_row, binding) + column->offset;
}

static const char **text_at(struct store_row *row, const struct store_column *column)
{
	return column->type == STORE_TEXT ? store_row_at(row, column) : NULL;
}

struct store_row *store_row_copy(const struct store_row *row)
{
	const struct store_table *table = &store_tables[row->kind];
	struct store_row view = *row, *copy;
	size_t n_text = 0;
	char *end;

	for (size_t i = 0; i < table->n_columns; i++) {
		const char **text = text_at(&view, &table->columns[i]);

		n_text += text && *text ? strlen(*text) + 1 : 0;
	}
	copy = mem_zalloc(sizeof(*copy) + n_text);
	*copy = view;
	end = (char *)(copy + 1);
	for (size_t i = 0; i < table->n_columns; i++) {
		const char **text = text_at(copy, &table->columns[i]);
		size_t n = text && *text ? strlen(*text) + 1 : 0;

		if (n == 0)
			continue;
		*text = memcpy(end, *text, n);
		end += n;
	}
	return copy;
}

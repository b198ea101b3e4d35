/*
 * Store in memory
 */
#include "mcxd/store/store.h"

#include "mcxd/base/idtab.h"
#include "proto/mem.h"

/* A row with strings of its own. */
struct row {
	struct store_row view;
	char *user;
	char *strings[ARRAY_SIZE(((struct store_row *)0)->strings)];
};

struct store {
	struct loop *loop;
	struct idtab *rows[N_STORE_KINDS];
};

/* A completion on its way through the loop. */
struct completion {
	store_done_h *done;
	void *magic;
};

struct store *store_new(struct loop *l)
{
	struct store *s = MEM_NEW(struct store);

	s->loop = l;
	for (int kind = 0; kind < N_STORE_KINDS; kind++)
		s->rows[kind] = idtab_new();
	return s;
}

static void row_free(struct row *row)
{
	free(row->user);
	for (size_t i = 0; i < ARRAY_SIZE(row->strings); i++)
		free(row->strings[i]);
	free(row);
}

static void drop(struct store *s, enum store_kind kind, uint64_t id)
{
	struct row *row = idtab_get(s->rows[kind], id);

	if (!row)
		return;
	idtab_remove(s->rows[kind], id);
	row_free(row);
}

struct store *store_free(struct store *s)
{
	if (!s)
		return NULL;
	for (int kind = 0; kind < N_STORE_KINDS; kind++) {
		struct row *row;
		uint64_t cursor = 0;

		while ((row = idtab_next(s->rows[kind], &cursor)))
			drop(s, (enum store_kind)kind, row->view.id);
		idtab_free(s->rows[kind]);
	}
	free(s);
	return NULL;
}

static void on_complete(void *magic)
{
	struct completion *completion = magic;

	completion->done(completion->magic, 0);
	free(completion);
}

static void complete_later(struct store *s, store_done_h *done, void *magic)
{
	struct completion *completion;

	if (!done)
		return;
	completion = MEM_NEW(struct completion);
	*completion = (struct completion){ .done = done, .magic = magic };
	loop_post(s->loop, on_complete, completion);
}

static void save(void *adapter, const struct store_row *row, store_done_h *done, void *magic)
{
	struct store *s = adapter;
	struct row *copy = MEM_NEW(struct row);

	copy->view = *row;
	copy->view.user = copy->user = mem_strdup(row->user);
	for (size_t i = 0; i < ARRAY_SIZE(row->strings); i++)
		copy->view.strings[i] = copy->strings[i] = mem_strdup(row->strings[i]);
	drop(s, row->kind, row->id);
	idtab_add_as(s->rows[row->kind], row->id, copy);
	complete_later(s, done, magic);
}

static void drop_row(void *adapter, enum store_kind kind, uint64_t id, store_done_h *done,
		     void *magic)
{
	struct store *s = adapter;

	drop(s, kind, id);
	complete_later(s, done, magic);
}

static void load(void *adapter, store_row_h *on_row, store_done_h *done, void *magic)
{
	struct store *s = adapter;

	for (int kind = 0; kind < N_STORE_KINDS; kind++) {
		const struct row *row;
		uint64_t cursor = 0;

		while ((row = idtab_next(s->rows[kind], &cursor)))
			on_row(magic, &row->view);
	}
	complete_later(s, done, magic);
}

const struct store_port store_memory_port = {
	.save = save,
	.remove = drop_row,
	.load = load,
};

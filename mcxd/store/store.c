/*
 * Store in memory
 */
#include "mcxd/store/store.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "proto/text/mem.h"

struct store {
	struct loop *loop;
	bool has_rows;
	struct idtab rows[N_STORE_KINDS]; /* struct store_row, copies */
	struct list completions;
};

/* A completion on its way through the loop. */
struct completion {
	struct list of_store;
	struct store *store;
	uint64_t post;
	store_done_h *done;
	void *magic;
};

struct store *store_new(struct loop *l, bool has_rows)
{
	struct store *s = MEM_NEW(struct store);

	s->loop = l;
	s->has_rows = has_rows;
	list_init(&s->completions);
	for (int kind = 0; kind < N_STORE_KINDS; kind++)
		idtab_init(&s->rows[kind]);
	return s;
}

static void drop(struct store *s, enum store_kind kind, uint64_t id)
{
	struct store_row *row = idtab_get(&s->rows[kind], id);

	idtab_remove(&s->rows[kind], id);
	free(row);
}

static void completion_free(struct completion *completion)
{
	list_remove(&completion->of_store);
	loop_unpost(completion->store->loop, completion->post);
	free(completion);
}

struct store *store_free(struct store *s)
{
	if (!s)
		return NULL;
	list_for_each_safe (node, &s->completions)
		completion_free(LIST_ENTRY(node, struct completion, of_store));
	for (int kind = 0; kind < N_STORE_KINDS; kind++) {
		const struct store_row *row;
		uint64_t cursor = 0;

		while ((row = idtab_next(&s->rows[kind], &cursor)))
			drop(s, row->kind, row->id);
		idtab_deinit(&s->rows[kind]);
	}
	free(s);
	return NULL;
}

static void on_complete(void *magic)
{
	struct completion *completion = magic;
	store_done_h *done = completion->done;
	void *done_magic = completion->magic;

	completion->post = 0;
	completion_free(completion);
	done(done_magic, 0);
}

static void complete_later(struct store *s, store_done_h *done, void *magic)
{
	struct completion *completion;

	if (!done)
		return;
	completion = MEM_NEW(struct completion);
	*completion = (struct completion){ .store = s, .done = done, .magic = magic };
	list_append(&s->completions, &completion->of_store);
	completion->post = loop_post(s->loop, on_complete, completion);
}

static void save(void *adapter, const struct store_row *row, store_done_h *done, void *magic)
{
	struct store *s = adapter;

	if (s->has_rows) {
		struct store_row *copy = store_row_copy(row);

		drop(s, row->kind, row->id);
		idtab_add_as(&s->rows[row->kind], row->id, copy);
	}
	complete_later(s, done, magic);
}

static void drop_row(void *adapter, enum store_kind kind, uint64_t id, store_done_h *done,
		     void *magic)
{
	struct store *s = adapter;

	drop(s, kind, id);
	complete_later(s, done, magic);
}

static void sync_rows(void *adapter, store_done_h *done, void *magic)
{
	complete_later(adapter, done, magic);
}

static int load(void *adapter, store_row_h *on_row, void *magic)
{
	struct store *s = adapter;

	for (int kind = 0; kind < N_STORE_KINDS; kind++) {
		const struct store_row *row;
		uint64_t cursor = 0;

		while ((row = idtab_next(&s->rows[kind], &cursor)))
			on_row(magic, row);
	}
	return 0;
}

const struct store_port store_memory_port = {
	.save = save,
	.remove = drop_row,
	.load = load,
	.sync = sync_rows,
};

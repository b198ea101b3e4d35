/*
 * Store in memory
 */
#include "mcxd/store/store.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "proto/text/mem.h"

/* A row with strings of its own. */
struct row {
	struct store_row view;
	char *user;
	char *strings[ARRAY_SIZE(((struct store_row *)0)->strings)];
};

struct store {
	struct loop *loop;
	struct idtab *rows[N_STORE_KINDS];
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

struct store *store_new(struct loop *l)
{
	struct store *s = MEM_NEW(struct store);

	s->loop = l;
	list_init(&s->completions);
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

/*
 * Device tokens that have been
 */
#include "mcxd/push_service/ended.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "proto/push/apns.h"
#include "proto/text/mem.h"

struct row {
	struct list of_ended;
	char *token;
	enum apns_reason reason;
	int64_t wall_ms;
};

struct ended {
	struct strtab *by_token;
	struct list rows; /* the oldest first */
	int64_t max;
};

struct ended *ended_new(void)
{
	struct ended *e = MEM_NEW(struct ended);

	e->by_token = strtab_new();
	list_init(&e->rows);
	return e;
}

static void drop(struct ended *e, struct row *r)
{
	strtab_remove(e->by_token, r->token);
	list_remove(&r->of_ended);
	free(r->token);
	free(r);
}

/* The oldest, until there are so many. */
static void make_fit(struct ended *e, int64_t max)
{
	list_for_each_safe (node, &e->rows) {
		if ((int64_t)strtab_count(e->by_token) <= max)
			return;
		drop(e, LIST_ENTRY(node, struct row, of_ended));
	}
}

void ended_clear(struct ended *e)
{
	make_fit(e, 0);
}

struct ended *ended_free(struct ended *e)
{
	if (!e)
		return NULL;
	ended_clear(e);
	strtab_free(e->by_token);
	free(e);
	return NULL;
}

void ended_limit(struct ended *e, int64_t max)
{
	e->max = max;
}

void ended_add(struct ended *e, const char *token, enum apns_reason reason, int64_t wall_ms)
{
	struct row *r;

	if (strtab_get(e->by_token, token))
		return;
	make_fit(e, e->max ? e->max - 1 : 0);
	if (e->max == 0)
		return;
	r = MEM_NEW(struct row);
	r->token = mem_strdup(token);
	r->reason = reason;
	r->wall_ms = wall_ms;
	list_append(&e->rows, &r->of_ended);
	strtab_add(e->by_token, r->token, r);
}

enum apns_reason ended_find(const struct ended *e, const char *token, int64_t *ret_wall_ms)
{
	const struct row *r = strtab_get(e->by_token, token);

	if (!r)
		return APNS_ACCEPTED;
	*ret_wall_ms = r->wall_ms;
	return r->reason;
}

void ended_each(const struct ended *e,
		void (*on_token)(void *magic, const char *token, enum apns_reason reason,
				 int64_t wall_ms),
		void *magic)
{
	list_for_each (node, &e->rows) {
		const struct row *r = LIST_ENTRY(node, struct row, of_ended);

		on_token(magic, r->token, r->reason, r->wall_ms);
	}
}

/*
 * Device tokens that have been
 */
#include "mcxd/push_service/ended.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
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

static void drop_oldest(struct ended *e)
{
	drop(e, LIST_ENTRY(e->rows.next, struct row, of_ended));
}

void ended_clear(struct ended *e)
{
	while (!list_empty(&e->rows))
		drop_oldest(e);
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

static void make_fit(struct ended *e, int64_t max)
{
	while ((int64_t)strtab_count(e->by_token) > max)
		drop_oldest(e);
}

void ended_limit(struct ended *e, int64_t max)
{
	e->max = max;
	make_fit(e, max);
}

void ended_add(struct ended *e, const char *token, enum apns_reason reason, int64_t wall_ms)
{
	struct row *r;

	if (e->max == 0 || strtab_get(e->by_token, token))
		return;
	make_fit(e, e->max - 1);
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

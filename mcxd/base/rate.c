/*
 * Rate
 */
#include "mcxd/base/rate.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "proto/text/mem.h"

enum { FULL_MS = RATE_BURST_S * 1000 };

/* What is in a bucket is counted in milliseconds of filling, and taking costs as long as one takes to come in. So a bucket is
 * no more than a moment: the one at which it would have been empty. */
struct bucket {
	struct list of_rates;
	int64_t empty_ms; /* in units of 1 / per_s ms */
	char *name;
};

struct rates {
	struct strtab by_name;
	struct list by_use; /* longest unused first */
	int64_t per_s;
};

struct rates *rates_new(int64_t per_s)
{
	struct rates *r = MEM_NEW(struct rates);

	r->per_s = per_s;
	strtab_init(&r->by_name);
	list_init(&r->by_use);
	return r;
}

static void drop(struct rates *r, struct bucket *b)
{
	strtab_remove(&r->by_name, b->name);
	list_remove(&b->of_rates);
	free(b->name);
	free(b);
}

struct rates *rates_free(struct rates *r)
{
	if (!r)
		return NULL;
	list_for_each_safe (node, &r->by_use)
		drop(r, LIST_ENTRY(node, struct bucket, of_rates));
	strtab_deinit(&r->by_name);
	free(r);
	return NULL;
}

/* When a full bucket would have been empty. */
static int64_t full_at(const struct rates *r, int64_t now_ms)
{
	return (now_ms - FULL_MS) * r->per_s;
}

static void drop_full(struct rates *r, int64_t now_ms)
{
	list_for_each_safe (node, &r->by_use) {
		struct bucket *b = LIST_ENTRY(node, struct bucket, of_rates);

		if (b->empty_ms > full_at(r, now_ms))
			return;
		drop(r, b);
	}
}

static struct bucket *find(struct rates *r, const char *name)
{
	struct bucket *b = strtab_get(&r->by_name, name);

	if (b) {
		list_remove(&b->of_rates);
	} else {
		b = MEM_NEW(struct bucket);
		b->name = mem_strdup(name);
		b->empty_ms = INT64_MIN;
		strtab_add(&r->by_name, name, b);
	}
	list_append(&r->by_use, &b->of_rates);
	return b;
}

bool rates_take(struct rates *r, const char *name, int64_t now_ms, int64_t *ret_wait_s)
{
	int64_t full = full_at(r, now_ms), left;
	struct bucket *b;

	drop_full(r, now_ms);
	b = find(r, name);
	if (b->empty_ms < full)
		b->empty_ms = full;
	left = now_ms * r->per_s - b->empty_ms;
	if (left >= 1000) {
		b->empty_ms += 1000;
		return true;
	}
	*ret_wait_s = (1000 - left + 1000 * r->per_s - 1) / (1000 * r->per_s);
	return false;
}

size_t rates_count(const struct rates *r)
{
	return strtab_count(&r->by_name);
}

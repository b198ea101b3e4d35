/*
 * Guesses
 */
#include "mcxd/base/guess.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/network.h"
#include "proto/text/text.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>

enum {
	KEY_NAME = 320, /* of a name that is longer, the first bytes count */
	KEY_ADDRESS = NETWORK_SIZE,
};

#define GUESS_METRICS(X)                                                                           \
	X(wrong_total, METRIC_COUNTER, "Wrong passwords")                                          \
	X(delayed_total, METRIC_COUNTER, "Sign-ins that waited because of wrong passwords")        \
	X(refused_total, METRIC_COUNTER, "Sign-ins refused because too many were waiting")         \
	X(pairs, METRIC_GAUGE, "Pairs of user and address with wrong passwords")

METRICS_STRUCT(guess_metrics, GUESS_METRICS);

struct client {
	char address[KEY_ADDRESS];
	int64_t n_names;
};

struct guess_pair {
	struct guesses *guesses;
	struct client *client;
	struct list by_age;
	struct list waiting; /* struct guess_wait */
	int64_t n_waiting;
	int64_t n_wrong;
	int64_t wrong_ms; /* when the last one was */
	int64_t due_ms;   /* when the next may be checked */
	struct loop_timer timer;
	bool calling; /* those whose turn it is */
	char key[KEY_ADDRESS + KEY_NAME];
};

struct guesses {
	struct loop *loop;
	struct guess_config config;
	struct strtab *pairs;
	struct strtab *clients;
	struct list by_age; /* struct guess_pair, the oldest last wrong password first */
	struct guess_metrics metrics;
};

struct guesses *guesses_new(struct loop *l, const struct guess_config *config,
			    struct metrics *metrics)
{
	struct guesses *g = MEM_NEW(struct guesses);

	g->loop = l;
	g->config = *config;
	g->pairs = strtab_new();
	g->clients = strtab_new();
	list_init(&g->by_age);
	g->metrics = (struct guess_metrics)METRICS_INIT(GUESS_METRICS);
	METRICS_ADD(metrics, "guess", &g->metrics);
	return g;
}

static void drop(struct guess_pair *p)
{
	struct guesses *g = p->guesses;

	assert(list_empty(&p->waiting));
	loop_timer_stop(&p->timer);
	strtab_remove(g->pairs, p->key);
	list_remove(&p->by_age);
	if (--p->client->n_names == 0) {
		strtab_remove(g->clients, p->client->address);
		free(p->client);
	}
	metric_add(&g->metrics.pairs, -1);
	free(p);
}

struct guesses *guesses_free(struct guesses *g)
{
	if (!g)
		return NULL;
	list_for_each_safe (node, &g->by_age)
		drop(LIST_ENTRY(node, struct guess_pair, by_age));
	strtab_free(g->pairs);
	strtab_free(g->clients);
	free(g);
	return NULL;
}

/* ---- keys ---- */

static void make_key(const char *address, const char *name, char ret[KEY_ADDRESS + KEY_NAME])
{
	text_join(ret, KEY_ADDRESS + KEY_NAME, address, "\n", name);
	for (char *s = ret; *s; s++)
		*s = chars_lower(*s);
}

/* NULL: no wrong password is remembered. *ret_address is the client's, and ret_key that of a new pair. */
static struct guess_pair *find(struct guesses *g, const char *name, const char *host,
			       char ret_address[KEY_ADDRESS], char ret_key[KEY_ADDRESS + KEY_NAME])
{
	const struct client *c;
	struct guess_pair *p;

	network_of(host, ret_address);
	make_key(ret_address, name, ret_key);
	p = strtab_get(g->pairs, ret_key);
	c = strtab_get(g->clients, ret_address);
	if (p || !c || c->n_names < g->config.max_names)
		return p;
	make_key(ret_address, "", ret_key);
	return strtab_get(g->pairs, ret_key);
}

static void forget_old(struct guesses *g)
{
	int64_t before = loop_now_ms(g->loop) - g->config.forget_ms;

	list_for_each_safe (node, &g->by_age) {
		struct guess_pair *p = LIST_ENTRY(node, struct guess_pair, by_age);
		bool over = (int64_t)strtab_count(g->pairs) >= g->config.max_pairs;

		if (p->wrong_ms > before && !over)
			return;
		if (list_empty(&p->waiting) && !p->calling)
			drop(p);
	}
}

static struct guess_pair *pair_new(struct guesses *g, const char *address, const char *key)
{
	struct guess_pair *p = MEM_NEW(struct guess_pair);

	p->guesses = g;
	snprintf(p->key, sizeof(p->key), "%s", key);
	list_init(&p->waiting);
	p->client = strtab_get(g->clients, address);
	if (!p->client) {
		p->client = MEM_NEW(struct client);
		snprintf(p->client->address, sizeof(p->client->address), "%s", address);
		strtab_add(g->clients, address, p->client);
	}
	p->client->n_names++;
	strtab_add(g->pairs, key, p);
	list_append(&g->by_age, &p->by_age);
	metric_inc(&g->metrics.pairs);
	return p;
}

/* ---- waiting ---- */

static void take(struct guess_pair *p, struct guess_wait *wait)
{
	p->n_waiting--;
	wait->pair = NULL;
	list_remove(&wait->of_pair);
}

/* Each that is called may be answered that its password was wrong, and then the others wait on. */
static void on_due(void *magic)
{
	struct guess_pair *p = magic;
	struct guesses *g = p->guesses;

	p->calling = true;
	while (!list_empty(&p->waiting) && p->due_ms <= loop_now_ms(g->loop)) {
		struct guess_wait *wait = LIST_ENTRY(p->waiting.next, struct guess_wait, of_pair);

		take(p, wait);
		wait->on_turn(wait->magic);
	}
	p->calling = false;
	if (p->n_wrong == 0 && list_empty(&p->waiting))
		drop(p);
}

static void wait_in(struct guess_pair *p, struct guess_wait *wait)
{
	wait->pair = p;
	p->n_waiting++;
	metric_inc(&p->guesses->metrics.delayed_total);
}

enum guess_turn guess_ask(struct guesses *g, const char *name, const char *host,
			  struct guess_wait *wait, int64_t *ret_ms)
{
	char address[KEY_ADDRESS], key[KEY_ADDRESS + KEY_NAME];
	struct guess_pair *p;
	int64_t now;

	if (!g || list_empty(&g->by_age))
		return GUESS_NOW;
	now = loop_now_ms(g->loop);
	forget_old(g);
	p = find(g, name, host, address, key);
	if (!p || (p->due_ms <= now && list_empty(&p->waiting)))
		return GUESS_NOW;
	if (p->n_waiting >= g->config.max_waiting) {
		metric_inc(&g->metrics.refused_total);
		*ret_ms = p->due_ms > now ? p->due_ms - now : 1;
		return GUESS_TOO_MANY;
	}
	wait_in(p, wait);
	list_append(&p->waiting, &wait->of_pair);
	return GUESS_LATER;
}

static int64_t delay_ms(const struct guess_config *c, int64_t n_wrong)
{
	int64_t ms = c->delay_ms;

	while (--n_wrong > 0 && ms < c->max_delay_ms)
		ms *= 2;
	return ms < c->max_delay_ms ? ms : c->max_delay_ms;
}

enum guess_turn guess_wrong(struct guesses *g, const char *name, const char *host,
			    struct guess_wait *wait)
{
	char address[KEY_ADDRESS], key[KEY_ADDRESS + KEY_NAME];
	struct guess_pair *p;
	int64_t delay, now;

	if (!g)
		return GUESS_NOW;
	now = loop_now_ms(g->loop);
	metric_inc(&g->metrics.wrong_total);
	if (!g->config.delay_ms)
		return GUESS_NOW;
	p = find(g, name, host, address, key);
	if (!p)
		p = pair_new(g, address, key);
	delay = delay_ms(&g->config, ++p->n_wrong);
	p->wrong_ms = now;
	p->due_ms = now + delay;
	list_remove(&p->by_age);
	list_append(&g->by_age, &p->by_age);
	wait_in(p, wait);
	list_append(p->waiting.next, &wait->of_pair); /* it is the first */
	loop_timer_set(g->loop, &p->timer, delay, on_due, p);
	return GUESS_LATER;
}

void guess_right(struct guesses *g, const char *name, const char *host)
{
	char address[KEY_ADDRESS], key[KEY_ADDRESS + KEY_NAME];
	struct guess_pair *p;

	if (!g || list_empty(&g->by_age))
		return;
	/* Not the pair shared by all further names: one known password would reset it for the others. */
	network_of(host, address);
	make_key(address, name, key);
	p = strtab_get(g->pairs, key);
	if (!p)
		return;
	p->n_wrong = 0;
	/* It need not be the one in which this request has waited, so that others may wait in it. */
	if (!p->calling && list_empty(&p->waiting))
		drop(p);
}

void guess_cancel(struct guess_wait *wait)
{
	if (wait->pair)
		take(wait->pair, wait);
}

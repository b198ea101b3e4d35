/*
 * Peers
 */
#include "mcxd/net/peers.h"

#include "mcxd/base/list.h"
#include "mcxd/net/address.h"
#include "proto/text/mem.h"

enum { MIN_BUCKETS = 64 };

struct peer {
	struct list of_bucket;
	struct address host; /* with port 0 */
	int64_t n_connections;
};

static struct list *bucket_of(const struct peers *p, const struct address *host)
{
	return &p->buckets[address_hash(host) & (p->n_buckets - 1)];
}

static void grow(struct peers *p)
{
	struct list *old = p->buckets;
	size_t n_old = p->n_buckets;

	p->n_buckets = old ? 2 * n_old : MIN_BUCKETS;
	p->buckets = mem_zalloc(p->n_buckets * sizeof(*p->buckets));
	for (size_t i = 0; i < p->n_buckets; i++)
		list_init(&p->buckets[i]);
	for (size_t i = 0; i < n_old; i++)
		list_for_each_safe (node, &old[i]) {
			struct peer *peer = LIST_ENTRY(node, struct peer, of_bucket);

			list_remove(&peer->of_bucket);
			list_append(bucket_of(p, &peer->host), &peer->of_bucket);
		}
	free(old);
}

void peers_deinit(struct peers *p)
{
	for (size_t i = 0; i < p->n_buckets; i++)
		list_for_each_safe (node, &p->buckets[i])
			free(LIST_ENTRY(node, struct peer, of_bucket));
	free(p->buckets);
	*p = (struct peers){ 0 };
}

static struct peer *find(const struct peers *p, const struct address *host)
{
	list_for_each (node, bucket_of(p, host)) {
		struct peer *peer = LIST_ENTRY(node, struct peer, of_bucket);

		if (address_equal(&peer->host, host))
			return peer;
	}
	return NULL;
}

struct peer *peers_take(struct peers *p, const struct address *a, int64_t max)
{
	struct address host = *a;
	struct peer *peer;

	address_set_port(&host, 0);
	if (p->n_peers >= p->n_buckets)
		grow(p);
	peer = find(p, &host);
	if (!peer) {
		peer = MEM_NEW(struct peer);
		peer->host = host;
		list_append(bucket_of(p, &host), &peer->of_bucket);
		p->n_peers++;
	}
	if (max > 0 && peer->n_connections >= max)
		return NULL;
	peer->n_connections++;
	return peer;
}

void peers_give(struct peers *p, struct peer *peer)
{
	if (!peer || --peer->n_connections > 0)
		return;
	list_remove(&peer->of_bucket);
	p->n_peers--;
	free(peer);
}

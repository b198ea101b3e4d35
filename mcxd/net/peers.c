/*
 * Peers
 */
#include "mcxd/net/peers.h"

#include "mcxd/base/idtab.h"
#include "mcxd/net/address.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

enum { KEY_SIZE = ADDRESS_TEXT_SIZE + TEXT_NUMBER_SIZE };

struct peer {
	char key[KEY_SIZE];
	int64_t n_connections;
};

/* Link-local addresses are told apart by their interface. */
static void format_key(const struct address *a, char ret[KEY_SIZE])
{
	char host[ADDRESS_TEXT_SIZE], scope[TEXT_NUMBER_SIZE];

	text_join(ret, KEY_SIZE, address_format_host(a, false, host), "%",
		  text_number(scope, a->any.sa_family == AF_INET6 ? a->v6.sin6_scope_id : 0));
}

static void forget(struct peers *p, struct peer *peer)
{
	strtab_remove(p->by_host, peer->key);
	p->n_peers--;
	free(peer);
}

void peers_deinit(struct peers *p)
{
	void *cursor = NULL;
	struct peer *peer;

	if (!p->by_host)
		return;
	while ((peer = strtab_next(p->by_host, &cursor)))
		forget(p, peer);
	strtab_free(p->by_host);
	*p = (struct peers){ 0 };
}

struct peer *peers_take(struct peers *p, const struct address *a, int64_t max)
{
	char key[KEY_SIZE];
	struct peer *peer;

	if (!p->by_host)
		p->by_host = strtab_new();
	format_key(a, key);
	peer = strtab_get(p->by_host, key);
	if (!peer) {
		peer = MEM_NEW(struct peer);
		memcpy(peer->key, key, sizeof(key));
		strtab_add(p->by_host, key, peer);
		p->n_peers++;
	}
	if (max > 0 && peer->n_connections >= max)
		return NULL;
	peer->n_connections++;
	return peer;
}

void peers_give(struct peers *p, struct peer *peer)
{
	if (peer && --peer->n_connections == 0)
		forget(p, peer);
}

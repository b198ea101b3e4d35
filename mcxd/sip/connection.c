/*
 * Agent: TCP connections
 *
 * sofia has no function that lists its connections: tport_secondary() returns the root of a tree, and
 * tport_next() walks to the right from there. So we note every connection when sofia sets it up, in
 * tport_tcp_init_secondary(), which this file defines in place of the library's.
 */
#include "mcxd/sip/connection.h"

#include "mcxd/base/interpose.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/sip/private.h"
#include "proto/text/mem.h"

#include <sofia-sip/su_alloc.h>
#include <sys/socket.h>

enum { N_BUCKETS = 16384 };

/* Every connection of the process, by its transport object: sofia's calls pass nothing else. */
static struct list buckets[N_BUCKETS];

static struct list *bucket_of(const tport_t *tp)
{
	/* Addresses differ in their middle bits, which Fibonacci hashing moves to the top. */
	uint64_t hash = (uint64_t)(uintptr_t)tp * UINT64_C(0x9E3779B97F4A7C15);
	struct list *bucket = &buckets[(hash >> 40) % N_BUCKETS];

	if (!bucket->next)
		list_init(bucket);
	return bucket;
}

struct connection *connection_find(const tport_t *tp)
{
	struct list *bucket = bucket_of(tp);

	list_for_each (node, bucket) {
		struct connection *c = LIST_ENTRY(node, struct connection, of_bucket);

		if (c->tport == tp)
			return c;
	}
	return NULL;
}

/* The transport object is being freed; its socket was closed just before. */
static void on_tport_gone(void *home)
{
	struct connection *c = connection_find(home);

	if (!c)
		return;
	list_remove(&c->of_agent);
	list_remove(&c->of_bucket);
	c->agent->n_connections--;
	metric_add(&c->agent->metrics.connections, -1);
	free(c);
}

static void connection_new(struct agent *a, tport_t *tp, int fd, bool accepted)
{
	struct connection *c = MEM_NEW(struct connection);

	c->agent = a;
	c->tport = tp;
	c->fd = fd;
	c->accepted = accepted;
	c->since_ms = c->heard_ms = loop_real_ms(a->loop);
	list_append(&a->fresh, &c->of_agent);
	list_append(bucket_of(tp), &c->of_bucket);
	a->n_connections++;
	metric_inc(&a->metrics.connections);
	/* A transport object begins with its memory home, as every object from su_home_clone() does. */
	su_home_destructor((su_home_t *)tp, on_tport_gone);
}

/* There is no safe way to refuse a connection from here, so one beyond the limit is shut down, which sofia takes
 * for its end. */
int tport_tcp_init_secondary(tport_t *self, int fd, int accepted, char const **ret_reason)
{
	static typeof(tport_tcp_init_secondary) *original;
	struct agent *a = agent_of_tport(self);
	int ret;

	INTERPOSE_ORIGINAL(original, "tport_tcp_init_secondary");
	ret = original(self, fd, accepted, ret_reason);
	if (ret < 0 || !a)
		return ret;
	if (accepted && a->n_connections >= a->max_connections) {
		metric_inc(&a->metrics.connections_refused_total);
		shutdown(fd, SHUT_RDWR);
		return ret;
	}
	if (!accepted)
		socket_bound_rcvbuf(fd);
	connection_new(a, self, fd, accepted);
	return ret;
}

void connection_trouble(struct connection *c)
{
	c->trouble_ms = loop_real_ms(c->agent->loop);
	list_remove(&c->of_agent);
	list_append(&c->agent->troubled, &c->of_agent);
}

/*
 * Net
 */
#include "mcxd/net/net.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/text/mem.h"

#include <assert.h>
#include <sys/socket.h>

struct net {
	struct loop *loop;
	struct list outputs; /* struct net_output.of_net */
	bool is_flush_due;
	char *read_buffer;
	char *batch_buffer;
};

struct net *net_new(struct loop *l)
{
	struct net *n = MEM_NEW(struct net);

	n->loop = l;
	list_init(&n->outputs);
	n->read_buffer = mem_check(malloc(NET_READ_SIZE));
	return n;
}

static void on_round_end(void *magic)
{
	struct net *n = magic;

	n->is_flush_due = false;
	net_flush(n);
}

struct net *net_free(struct net *n)
{
	if (!n)
		return NULL;
	assert(list_empty(&n->outputs));
	loop_undefer(n->loop, on_round_end, n);
	free(n->read_buffer);
	free(n->batch_buffer);
	free(n);
	return NULL;
}

struct loop *net_loop(const struct net *n)
{
	return n->loop;
}

char *net_read_buffer(struct net *n)
{
	return n->read_buffer;
}

char *net_batch_buffer(struct net *n)
{
	if (!n->batch_buffer)
		n->batch_buffer = mem_check(malloc((size_t)NET_BATCH * (size_t)NET_DATAGRAM_SIZE));
	return n->batch_buffer;
}

void net_write_later(struct net *n, struct net_output *o)
{
	if (list_linked(&o->of_net))
		return;
	list_append(&n->outputs, &o->of_net);
	if (!n->is_flush_due)
		loop_defer(n->loop, on_round_end, n);
	n->is_flush_due = true;
}

void net_write_never(struct net_output *o)
{
	list_remove(&o->of_net);
}

/* What a write makes others send is written in the same go. */
void net_flush(struct net *n)
{
	while (!list_empty(&n->outputs)) {
		struct net_output *o = LIST_ENTRY(n->outputs.next, struct net_output, of_net);

		list_remove(&o->of_net);
		o->write(o);
	}
}

/* Linux sends RST when a connected socket is connected to nowhere. With SO_LINGER it would have to be closed here, but not every
 * descriptor is ours. */
void net_reset(int fd)
{
	const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	(void)connect(fd, &nowhere, sizeof(nowhere));
}

/*
 * Agent: the watchdog
 *
 * sofia neither answers nor closes a TCP connection whose stream is not SIP, and stops reading it.
 * It has no function that lists connections either: tport_secondary() gives the root of a tree and
 * tport_next() walks right from there. So every connection is noted when sofia sets it up, in
 * tport_tcp_init_secondary(), which it calls through a table that the dynamic linker fills in: the
 * definition here takes the place of the library's and calls it.
 */
#include "mcxd/sip/agent_private.h"

#include "mcxd/base/log.h"

#include <assert.h>
#include <dlfcn.h>
#include <linux/tcp.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/su_alloc.h>
#include <sys/socket.h>

enum {
	N_BUCKETS = 16384,
	MAX_PERIOD_MS = 1000,
	MIN_PERIOD_MS = 10,
	LOOKS_PER_ROUND = 256,
	/* Keep-alives (CRLF, RFC 5626, 3.5.1) are in no message, and legal: so much at once, and
	 * then a byte a second. */
	TOLERATED_BYTES = 64,
};

struct connection {
	struct list of_agent;
	struct list of_bucket;
	struct agent *agent;
	tport_t *tport;
	int fd;
	bool accepted;
	bool heard; /* a complete message since the last look */
	int64_t since_ms;
	int64_t heard_ms;     /* of the last complete message */
	uint64_t in_messages; /* bytes of complete messages */
	uint64_t excused;     /* bytes that were in none and are accounted for */
};

/* Every connection of the process, by its transport object: sofia's calls bring nothing else. */
static struct list buckets[N_BUCKETS];

static struct list *bucket_of(const tport_t *tp)
{
	/* Addresses differ in their middle bits: Fibonacci hashing brings them up. */
	uint64_t hash = (uint64_t)(uintptr_t)tp * UINT64_C(0x9E3779B97F4A7C15);
	struct list *bucket = &buckets[(hash >> 40) % N_BUCKETS];

	if (!bucket->next)
		list_init(bucket);
	return bucket;
}

static struct connection *find(const tport_t *tp)
{
	struct list *bucket = bucket_of(tp);

	list_for_each (node, bucket) {
		struct connection *c = LIST_ENTRY(node, struct connection, of_bucket);

		if (c->tport == tp)
			return c;
	}
	return NULL;
}

/* The transport object goes; its socket was closed a moment ago. */
static void on_tport_gone(void *home)
{
	struct connection *c = find(home);

	if (!c)
		return;
	list_remove(&c->of_agent);
	list_remove(&c->of_bucket);
	c->agent->n_connections--;
	metric_add(&c->agent->metrics[AGENT_CONNECTIONS], -1);
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
	metric_inc(&a->metrics[AGENT_CONNECTIONS]);
	/* A transport object begins with its memory home, as everything of su_home_clone() does. */
	su_home_destructor((su_home_t *)tp, on_tport_gone);
}

typedef int init_secondary_f(tport_t *self, int fd, int accepted, char const **ret_reason);

__attribute__((visibility("default"))) init_secondary_f tport_tcp_init_secondary;

/* sofia has no way to refuse a connection that is sound from here: one too many is shut, which it
 * sees as its end. */
int tport_tcp_init_secondary(tport_t *self, int fd, int accepted, char const **ret_reason)
{
	static init_secondary_f *original;
	struct agent *a = agent_of_tport(self);
	int ret;

	if (!original)
		*(void **)&original = mem_check(dlsym(RTLD_NEXT, "tport_tcp_init_secondary"));
	ret = original(self, fd, accepted, ret_reason);
	if (ret < 0 || !a)
		return ret;
	if (accepted && a->n_connections >= a->max_connections) {
		metric_inc(&a->metrics[AGENT_CONNECTIONS_REFUSED]);
		shutdown(fd, SHUT_RDWR);
		return ret;
	}
	if (!accepted)
		socket_bound_rcvbuf(fd);
	connection_new(a, self, fd, accepted);
	return ret;
}

void watchdog_heard(struct agent *a, const tport_t *tp, size_t n)
{
	struct connection *c = find(tp);

	if (!c)
		return;
	if (c->heard_ms == c->since_ms && !c->in_messages) {
		list_remove(&c->of_agent);
		list_append(&a->proven, &c->of_agent);
	}
	c->in_messages += n;
	c->heard = true;
}

/* ---- looking ---- */

static void close_faulty(struct connection *c, const char *what)
{
	struct agent *a = c->agent;
	struct sockaddr_storage addr = { 0 };
	socklen_t n_addr = sizeof(addr);
	char peer[64];

	getpeername(c->fd, (struct sockaddr *)&addr, &n_addr);
	socket_format((const struct sockaddr *)&addr, peer, sizeof(peer));
	metric_inc(&a->metrics[AGENT_FAULTS]);
	agent_record_fault(a, what, peer);
	log_info("sip", a->hop, "connection from %s is closed: %s", peer, what);
	/* It is not looked at again; the memory goes when sofia's own reaper has run. */
	list_remove(&c->of_agent);
	list_init(&c->of_agent);
	tport_shutdown(c->tport, 2);
}

/* Bytes that came and are part of no complete message. */
static uint64_t stray_bytes(const struct connection *c)
{
	struct tcp_info info = { 0 };
	socklen_t n_info = sizeof(info);
	uint64_t known = c->in_messages + c->excused;

	if (getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &n_info) < 0)
		return 0;
	return info.tcpi_bytes_received > known ? info.tcpi_bytes_received - known : 0;
}

static void look_at(struct connection *c, int64_t now_ms)
{
	uint64_t stray = stray_bytes(c);
	uint64_t tolerated = TOLERATED_BYTES + (uint64_t)(now_ms - c->heard_ms) / 1000;

	if (c->heard) {
		c->heard = false;
		c->heard_ms = now_ms;
		c->excused += stray < tolerated ? stray : tolerated;
		return;
	}
	if (stray > tolerated && now_ms - c->heard_ms >= c->agent->first_message_timeout_ms)
		close_faulty(c, "the stream holds something that is no SIP message");
}

static void look_at_fresh(struct agent *a, int64_t now_ms)
{
	while (!list_empty(&a->fresh)) {
		struct connection *c = LIST_ENTRY(a->fresh.next, struct connection, of_agent);

		if (now_ms - c->since_ms < a->first_message_timeout_ms)
			return;
		if (c->accepted && !tport_is_closed(c->tport)) {
			close_faulty(c, "no complete SIP message came in time");
		} else {
			list_remove(&c->of_agent);
			list_append(&a->proven, &c->of_agent);
		}
	}
}

static void look_at_proven(struct agent *a, int64_t now_ms)
{
	int64_t n = a->n_connections < LOOKS_PER_ROUND ? a->n_connections : LOOKS_PER_ROUND;

	while (n-- > 0 && !list_empty(&a->proven)) {
		struct connection *c = LIST_ENTRY(a->proven.next, struct connection, of_agent);

		list_remove(&c->of_agent);
		list_append(&a->proven, &c->of_agent);
		if (!tport_is_closed(c->tport))
			look_at(c, now_ms);
	}
}

static int64_t period_ms(const struct agent *a)
{
	int64_t ms = a->first_message_timeout_ms / 4;

	if (ms < MIN_PERIOD_MS)
		return MIN_PERIOD_MS;
	return ms < MAX_PERIOD_MS ? ms : MAX_PERIOD_MS;
}

static void on_watch(void *magic)
{
	struct agent *a = magic;
	int64_t now_ms = loop_real_ms(a->loop);
	usize_t n_bad = 0;

	look_at_fresh(a, now_ms);
	look_at_proven(a, now_ms);
	nta_agent_get_stats(a->nta, NTATAG_S_BAD_MESSAGE_REF(n_bad), TAG_END());
	a->metrics[AGENT_MALFORMED].value = (int64_t)n_bad;
	loop_timer_set_real(a->loop, &a->watch, period_ms(a), on_watch, a);
}

void watchdog_init(struct agent *a, int64_t first_message_timeout_ms)
{
	list_init(&a->fresh);
	list_init(&a->proven);
	a->first_message_timeout_ms = first_message_timeout_ms;
	loop_timer_set_real(a->loop, &a->watch, period_ms(a), on_watch, a);
}

void watchdog_deinit(struct agent *a)
{
	loop_timer_stop(&a->watch);
	assert(a->n_connections == 0);
}

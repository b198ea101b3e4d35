/*
 * Agent: the watchdog
 *
 * sofia neither answers nor closes a TCP connection whose stream is not SIP, whose peer does not read, or
 * that it has stopped reading itself. The watchdog checks all connections in turn and closes such ones.
 */
#include "mcxd/sip/connection.h"

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/private.h"

#include <assert.h>
#include <linux/tcp.h>
#include <sofia-sip/nta_tag.h>
#include <sys/socket.h>

enum {
	MAX_PERIOD_MS = 1000,
	MIN_PERIOD_MS = 10,
	LOOKS_PER_ROUND = 256,
	/* Keep-alives (CRLF, RFC 5626, 3.5.1) are legal outside messages: this many bytes at once,
	 * and then one a second. */
	TOLERATED_BYTES = 64,
};

/* Values of tcpi_state. <linux/tcp.h> does not define them, and <netinet/tcp.h>, which does, has an older struct
 * tcp_info. */
enum { STATE_FIN_WAIT1 = 4, STATE_FIN_WAIT2 = 5, STATE_CLOSE = 7 };

void watchdog_heard(struct connection *c, size_t n, bool framed)
{
	if (c->heard_ms == c->since_ms && !c->in_messages) {
		list_remove(&c->of_agent);
		list_append(&c->agent->proven, &c->of_agent);
	}
	c->in_messages += n;
	c->heard = true;
	c->framed = framed;
}

/* ---- closing ---- */

/* It is not checked again; the memory is freed when sofia reaps its transport. */
static void close_connection(struct connection *c)
{
	list_remove(&c->of_agent);
	list_init(&c->of_agent);
	tport_shutdown(c->tport, 2);
}

static void close_faulty(struct connection *c, struct metric *metric, const char *what)
{
	struct agent *a = c->agent;
	struct sockaddr_storage addr = { 0 };
	socklen_t n_addr = sizeof(addr);
	char peer[64];

	getpeername(c->fd, (struct sockaddr *)&addr, &n_addr);
	socket_format((const struct sockaddr *)&addr, peer, sizeof(peer));
	metric_inc(metric);
	agent_record_fault(a, what, peer);
	log_info("sip", a->hop, "closing connection from %s: %s", peer, what);
	close_connection(c);
}

static void close_not_sip(struct connection *c)
{
	close_faulty(c, &c->agent->metrics.connections_faulty_total,
		     "received data that is not SIP");
}

/* ---- checks ---- */

static struct tcp_info look_at_socket(const struct connection *c)
{
	struct tcp_info info = { 0 };
	socklen_t n_info = sizeof(info);

	getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &n_info);
	return info;
}

/* Bytes received that are part of no complete message. */
static uint64_t stray_bytes(const struct connection *c)
{
	uint64_t received = look_at_socket(c).tcpi_bytes_received;
	uint64_t known = c->in_messages + c->excused;

	return received > known ? received - known : 0;
}

static void look_at(struct connection *c, int64_t now_ms)
{
	uint64_t stray = stray_bytes(c);
	uint64_t tolerated = TOLERATED_BYTES + (uint64_t)(now_ms - c->heard_ms) / 1000;

	if (tport_queuelen(c->tport) > 0) {
		connection_trouble(c);
		return;
	}
	if (c->heard) {
		c->heard = false;
		c->heard_ms = now_ms;
		c->excused += stray < tolerated ? stray : tolerated;
		return;
	}
	if (stray > tolerated && now_ms - c->heard_ms >= c->agent->first_message_timeout_ms)
		close_not_sip(c);
}

static void look_at_fresh(struct agent *a, int64_t now_ms)
{
	while (!list_empty(&a->fresh)) {
		struct connection *c = LIST_ENTRY(a->fresh.next, struct connection, of_agent);

		if (now_ms - c->since_ms < a->first_message_timeout_ms)
			return;
		if (c->accepted && !tport_is_closed(c->tport)) {
			close_faulty(c, &a->metrics.connections_faulty_total,
				     "no complete SIP message within the time limit");
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

/* The last answer may still be on its way: give the peer time to read it. */
static void look_at_lost(struct connection *c, const struct tcp_info *info, int64_t now_ms)
{
	bool ends = info->tcpi_state == STATE_FIN_WAIT1 || info->tcpi_state == STATE_FIN_WAIT2;

	if (!ends)
		close_not_sip(c);
	else if (now_ms - c->trouble_ms >= c->agent->first_message_timeout_ms)
		close_connection(c);
}

static void look_at_troubled_one(struct connection *c, int64_t now_ms)
{
	struct tcp_info info = look_at_socket(c);
	bool waits = tport_queuelen(c->tport) > 0;

	if (info.tcpi_bytes_acked != c->acknowledged) {
		c->acknowledged = info.tcpi_bytes_acked;
		c->trouble_ms = now_ms;
	}
	if (info.tcpi_state == STATE_CLOSE) {
		close_connection(c);
	} else if (c->overrun || (waits && now_ms - c->trouble_ms >= c->agent->unread_timeout_ms)) {
		close_faulty(c, &c->agent->metrics.connections_unread_total,
			     "the peer does not read what it is sent");
	} else if (c->lost) {
		if (!waits)
			look_at_lost(c, &info, now_ms);
	} else if (!waits) {
		if (c->paused)
			stream_continue(c);
		list_remove(&c->of_agent);
		list_append(&c->agent->proven, &c->of_agent);
	}
}

static void look_at_troubled(struct agent *a, int64_t now_ms)
{
	list_for_each_safe (node, &a->troubled) {
		struct connection *c = LIST_ENTRY(node, struct connection, of_agent);

		if (!tport_is_closed(c->tport))
			look_at_troubled_one(c, now_ms);
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

	look_at_troubled(a, now_ms);
	look_at_fresh(a, now_ms);
	look_at_proven(a, now_ms);
	nta_agent_get_stats(a->nta, NTATAG_S_BAD_MESSAGE_REF(n_bad), TAG_END());
	a->metrics.messages_malformed_total.value = (int64_t)n_bad;
	loop_timer_set_real(a->loop, &a->watch, period_ms(a), on_watch, a);
}

void watchdog_init(struct agent *a, const struct agent_config *config)
{
	list_init(&a->fresh);
	list_init(&a->proven);
	list_init(&a->troubled);
	a->first_message_timeout_ms = config->first_message_timeout_ms;
	a->unread_timeout_ms = config->unread_timeout_ms;
	loop_timer_set_real(a->loop, &a->watch, period_ms(a), on_watch, a);
}

void watchdog_deinit(struct agent *a)
{
	loop_timer_stop(&a->watch);
	assert(a->n_connections == 0);
}

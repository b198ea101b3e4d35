/*
 * Agent
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/sip/agent.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <limits.h>
#include <sofia-sip/nta_stateless.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/tport_tag.h>

enum { LISTEN_BACKLOG = 1000 }; /* sofia's own maximum */

#define RETRY_AFTER_S "5"

/* sofia passes nothing of ours to the tap, so an agent is found by its transport. */
static struct list registry = { &registry, &registry };

struct agent *agent_of_tport(const tport_t *tp)
{
	const tport_t *primary = tport_parent(tp);

	list_for_each (node, &registry) {
		struct agent *a = LIST_ENTRY(node, struct agent, of_registry);

		if (!a->nta || !nta_agent_tports(a->nta))
			continue;
		for (const tport_t *own = tport_primaries(nta_agent_tports(a->nta)); own;
		     own = tport_next(own))
			if (own == primary)
				return a;
	}
	return NULL;
}

nta_leg_t *agent_leg_of_answer(const sip_t *sip)
{
	nta_leg_t *leg;

	list_for_each (node, &registry) {
		leg = nta_leg_by_dialog(LIST_ENTRY(node, struct agent, of_registry)->nta, NULL,
					sip->sip_call_id, sip->sip_from->a_tag, NULL,
					sip->sip_to->a_tag, NULL);
		if (leg)
			return leg;
	}
	return NULL;
}

/* ---- requests outside any dialog ---- */

/* sofia's count is expensive. A request takes two places at most, its transaction and its kept answer, so we count
 * again only after half as many requests as there were free places. */
bool agent_is_overloaded(struct agent *a)
{
	usize_t used = 0;
	int64_t n_free;

	if (a->room > 0) {
		a->room--;
		return false;
	}
	nta_agent_get_stats(a->nta, NTATAG_S_IRQ_HASH_USED_REF(used), TAG_END());
	n_free = a->max_transactions - used - (int64_t)agent_n_completed(a);
	if (n_free > 0) {
		a->room = (n_free - 1) / 2;
		return false;
	}
	metric_inc(&a->metrics.requests_overloaded_total);
	return true;
}

bool agent_is_too_large(const struct agent *a, nta_incoming_t *irq)
{
	msg_t *msg = nta_incoming_getrequest(irq);
	bool is_too_large = msg && msg_size(msg) > (usize_t)a->max_message_bytes;

	msg_destroy(msg);
	return is_too_large;
}

/* These answers create no transaction, because there may be too many already. */
static int on_message(nta_agent_magic_t *magic, nta_agent_t *nta, msg_t *msg, sip_t *sip)
{
	struct agent *a = (struct agent *)magic;
	nta_incoming_t *irq;

	if (!sip->sip_request || sip->sip_request->rq_method == sip_method_ack) {
		msg_destroy(msg);
		return 0;
	}
	if (sip->sip_request->rq_method == sip_method_cancel) {
		nta_msg_treply(nta, msg, SIP_481_NO_TRANSACTION, SIPTAG_SERVER_STR(a->server),
			       TAG_END());
		return 0;
	}
	if (msg_size(msg) > (usize_t)a->max_message_bytes) {
		nta_msg_treply(nta, msg, SIP_413_REQUEST_TOO_LARGE, SIPTAG_SERVER_STR(a->server),
			       TAG_END());
		return 0;
	}
	if (agent_is_overloaded(a)) {
		nta_msg_treply(nta, msg, SIP_503_SERVICE_UNAVAILABLE, SIPTAG_SERVER_STR(a->server),
			       SIPTAG_RETRY_AFTER_STR(RETRY_AFTER_S), TAG_END());
		return 0;
	}
	irq = nta_incoming_create(nta, NULL, msg, sip, TAG_END());
	if (irq)
		a->on_request(a->magic, irq, sip);
	return 0;
}

/* ---- listeners ---- */

static tport_t *find_primary(const struct agent *a, const char *protocol)
{
	tport_t *tp = tport_primaries(nta_agent_tports(a->nta));

	while (tp && strcmp(tport_name(tp)->tpn_proto, protocol) != 0)
		tp = tport_next(tp);
	return tp;
}

static int listen_at(struct agent *a, const char *protocol, const char *address, char *ret,
		     size_t n)
{
	char *url = text_format("sip:%s;transport=%s", address, protocol);
	const su_addrinfo_t *ai;
	int err = 0;

	if (nta_agent_add_tport(a->nta, agent_url(url), TPTAG_LOG(1),
				TPTAG_QUEUESIZE(LISTEN_BACKLOG), TPTAG_IDLE(UINT_MAX),
				TAG_END()) < 0) {
		err = errno ? errno : EINVAL;
		log_error("sip", a->hop, "cannot listen on %s (%s): %s", address, protocol,
			  strerror(err));
		free(url);
		return -err;
	}
	free(url);
	ai = tport_get_address(find_primary(a, protocol));
	socket_format(ai->ai_addr, ret, n);
	if (!strcmp(protocol, "tcp"))
		socket_tune_listener(ai->ai_addr, ai->ai_addrlen);
	return 0;
}

static void tune_udp(struct agent *a, int64_t buffer_bytes)
{
	const su_addrinfo_t *ai = tport_get_address(find_primary(a, "udp"));

	a->udp_fd = socket_tune_udp(ai->ai_addr, ai->ai_addrlen, buffer_bytes);
}

static int listen_all(struct agent *a, const struct agent_config *config)
{
	int err = 0;

	if (config->udp && *config->udp)
		err = listen_at(a, "udp", config->udp, a->udp, sizeof(a->udp));
	if (*a->udp)
		tune_udp(a, config->udp_buffer_bytes);
	if (!err && config->tcp && *config->tcp)
		err = listen_at(a, "tcp", config->tcp, a->tcp, sizeof(a->tcp));
	if (!err && !*a->udp && !*a->tcp) {
		log_error("sip", a->hop, "no SIP listener is configured");
		err = -EINVAL;
	}
	return err;
}

/* ---- life ---- */

/* Every hop has its own: sip_front_end_connections. */
static void add_metrics(struct agent *a, struct metrics *set)
{
	CLEANUP(mem_free_string) char *prefix = text_concat("sip_", a->hop);

	METRICS_ADD(set, prefix, &a->metrics);
}

/* Names are not resolved, because sofia's resolver ignores the hosts file. NTATAG_MAXSIZE limits what sofia has
 * read from a connection, which may be several messages. With rport it also changes Vias that came over TCP,
 * though RFC 3581 is about UDP, so it is on only where there is UDP. */
static nta_agent_t *make_nta(struct agent *a, const struct agent_config *config)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): how sofia says "no transport yet" */
	return nta_agent_create(loop_root(a->loop), (url_string_t *)-1, on_message,
				(nta_agent_magic_t *)a, NTATAG_UA(1), NTATAG_PROGRESS(UINT_MAX),
				NTATAG_MAX_PROCEEDING(0), NTATAG_MERGE_482(1), NTATAG_USE_NAPTR(0),
				NTATAG_USE_SRV(0), NTATAG_SERVER_RPORT(config->udp && *config->udp),
				NTATAG_MAXSIZE((usize_t)a->max_message_bytes + 4 * SOCKET_RCVBUF),
				TAG_END());
}

static void quieten_sofia(void)
{
	extern su_log_t tport_log[], nta_log[];

	/* The journal and the metrics say better what it logs at its default levels. */
	su_log_set_level(tport_log, 0);
	su_log_set_level(nta_log, 0);
}

int agent_new(const struct agent_args *args, struct agent **ret_agent)
{
	struct agent *a = MEM_NEW(struct agent);
	int err;

	a->loop = args->loop;
	a->udp_fd = -1;
	a->journal = args->journal;
	a->hop = mem_strdup(args->hop);
	a->server = mem_strdup(args->server);
	a->max_connections = args->config->max_connections;
	a->max_message_bytes = args->config->max_message_bytes;
	a->max_transactions = args->config->max_transactions;
	a->max_unread = args->config->max_unread;
	a->on_request = args->on_request;
	a->name_peer = args->name_peer;
	a->magic = args->magic;
	a->metrics = (struct agent_metrics)METRICS_INIT(AGENT_METRICS);
	list_append(&registry, &a->of_registry);
	watchdog_init(a, args->config);
	completed_init(a);
	quieten_sofia();
	agent_send_together(a->loop);
	agent_check_interposed(a->hop);
	a->nta = make_nta(a, args->config);
	err = a->nta ? listen_all(a, args->config) : -ENOMEM;
	if (err) {
		agent_free(a);
		return err;
	}
	add_metrics(a, args->metrics);
	*ret_agent = a;
	return 0;
}

struct agent *agent_free(struct agent *a)
{
	if (!a)
		return NULL;
	datagram_flush();
	nta_agent_destroy(a->nta);
	watchdog_deinit(a);
	completed_deinit(a);
	list_remove(&a->of_registry);
	if (list_empty(&registry))
		agent_send_together(NULL);
	text_deinit(&a->scratch);
	free(a->pieces);
	free(a->hop);
	free(a->server);
	free(a);
	return NULL;
}

nta_agent_t *agent_nta(const struct agent *a)
{
	return a->nta;
}

const char *agent_udp(const struct agent *a)
{
	return a->udp;
}

const char *agent_tcp(const struct agent *a)
{
	return a->tcp;
}

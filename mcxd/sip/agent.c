/*
 * Agent
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/net/address.h"
#include "mcxd/net/prefixes.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/stack.h"
#include "mcxd/sip/transport.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <limits.h>
#include <sofia-sip/nta_stateless.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_log.h>

#define RETRY_AFTER_S "5"

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
	n_free = a->max_transactions - used -
		 (int64_t)transport_n_repeatable(nta_agent_tports(a->nta));
	if (n_free > 0) {
		a->room = (n_free - 1) / 2;
		return false;
	}
	metric_inc(&a->metrics.requests_overloaded_total);
	return true;
}

static bool is_too_large(struct agent *a, const msg_t *msg)
{
	if (msg_size(msg) <= (usize_t)a->max_message_bytes)
		return false;
	metric_inc(&a->metrics.requests_too_large_total);
	return true;
}

bool agent_is_too_large(struct agent *a, nta_incoming_t *irq)
{
	msg_t *msg = nta_incoming_getrequest(irq);
	bool result = msg && is_too_large(a, msg);

	msg_destroy(msg);
	return result;
}

/* Consumes msg if it is not. */
static bool is_admitted(struct agent *a, nta_agent_t *nta, msg_t *msg, const sip_t *sip)
{
	struct agent_refusal why = { 0 };
	enum agent_admission admission = a->admit ? a->admit(a->magic, sip, &why) : AGENT_ADMITTED;

	if (admission == AGENT_REFUSED)
		nta_msg_treply(nta, msg, why.status, diag_sip_phrase(why.status),
			       SIPTAG_SERVER_STR(a->server),
			       TAG_IF(why.headers.n, SIPTAG_HEADER_STR(text_str(&why.headers))),
			       TAG_END());
	else if (admission == AGENT_HELD)
		msg_destroy(msg);
	text_deinit(&why.headers);
	return admission == AGENT_ADMITTED;
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
	if (transport_why(nta_agent_tports(nta))) {
		nta_msg_treply(nta, msg, SIP_400_BAD_REQUEST, SIPTAG_SERVER_STR(a->server),
			       TAG_END());
		return 0;
	}
	if (is_too_large(a, msg)) {
		nta_msg_treply(nta, msg, SIP_413_REQUEST_TOO_LARGE, SIPTAG_SERVER_STR(a->server),
			       TAG_END());
		return 0;
	}
	if (agent_is_overloaded(a)) {
		nta_msg_treply(nta, msg, SIP_503_SERVICE_UNAVAILABLE, SIPTAG_SERVER_STR(a->server),
			       SIPTAG_RETRY_AFTER_STR(RETRY_AFTER_S), TAG_END());
		return 0;
	}
	if (transport_struck_status(nta_agent_tports(nta))) {
		int status = transport_struck_status(nta_agent_tports(nta));

		nta_msg_treply(nta, msg, status, sip_status_phrase(status),
			       SIPTAG_SERVER_STR(a->server), TAG_END());
		return 0;
	}
	if (!is_admitted(a, nta, msg, sip))
		return 0;
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

static int add_primary(struct agent *a, const char *protocol, const char *address, bool listens)
{
	char *url = text_format("sip:%s;transport=%s", address, protocol);
	int err = 0;

	errno = 0;
	if (nta_agent_add_tport(a->nta, agent_url(url), transporttag_config,
				(tag_value_t)&a->transport, transporttag_connects_only,
				(tag_value_t)!listens, TAG_END()) < 0) {
		err = errno ? errno : EINVAL;
		log_error("sip", a->hop, "cannot %s %s (%s): %s",
			  listens ? "listen on" : "connect from", address, protocol, strerror(err));
	}
	free(url);
	return -err;
}

static int listen_at(struct agent *a, const char *protocol, const char *address,
		     char ret[ADDRESS_TEXT_SIZE])
{
	int err = add_primary(a, protocol, address, true);

	if (!err)
		address_format(transport_local(find_primary(a, protocol)), ret);
	return err;
}

/* Requests go by TCP and TLS where there is no listener for these, too. Their Vias must name a place all the same (RFC 3261
 * 18.1.1): that of another listener. Answers come by the connection. */
static int connect_by_all(struct agent *a)
{
	int err = 0;

	if (!find_primary(a, "tcp"))
		err = add_primary(a, "tcp", agent_listener(a, "tcp"), false);
	if (!err && !find_primary(a, "tls") && a->transport.tls_client)
		err = add_primary(a, "tls", agent_listener(a, "tls"), false);
	return err;
}

static int listen_all(struct agent *a, const struct agent_config *config)
{
	const struct {
		const char *protocol, *address;
		char *ret;
	} listeners[] = {
		{ "udp", config->udp, a->udp },
		{ "tcp", config->tcp, a->tcp },
		{ "tls", config->tls, a->tls },
	};
	int err = 0, n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(listeners) && !err; i++) {
		if (!listeners[i].address || !*listeners[i].address)
			continue;
		err = listen_at(a, listeners[i].protocol, listeners[i].address, listeners[i].ret);
		n++;
	}
	if (n == 0 && !*a->connects_from) {
		log_error("sip", a->hop,
			  "all of its SIP listeners are switched off; to leave the role out, use "
			  "--roles");
		err = -EINVAL;
	}
	return err ? err : connect_by_all(a);
}

bool agent_has_transport(const struct agent *a, const char *transport)
{
	return find_primary(a, transport) != NULL;
}

/* ---- life ---- */

/* Every hop has its own: sip_front_end_connections. */
static void add_metrics(struct agent *a, const struct agent_args *args)
{
	CLEANUP(mem_free_string)
	char *prefix = text_concat("sip_", args->name ? args->name : args->hop);
	struct metrics *set = args->metrics;

	METRICS_ADD(set, prefix, &a->transport_metrics);
	METRICS_ADD(set, prefix, &a->metrics);
}

static bool wants_bytes(const void *magic)
{
	const struct agent *a = magic;

	return journal_is_on(a->journal);
}

static bool signs(const void *magic, const sip_t *sip, const struct address *to)
{
	const struct agent *a = magic;

	return a->signer.signs && a->signer.signs(a->magic, sip, address_hash(to));
}

static void sign(void *magic, const sip_t *sip, const struct address *to, const struct text *bytes,
		 struct text *ret_lines)
{
	struct agent *a = magic;

	a->signer.sign(a->magic, sip, address_hash(to), bytes, ret_lines);
}

static bool is_next_hop(const void *magic, const char *host, unsigned port)
{
	const struct agent *a = magic;

	return a->is_next_hop && a->is_next_hop(a->magic, &(struct agent_end){ host, port });
}

static void configure_transport(struct agent *a, const struct agent_args *args)
{
	static const struct transport_handlers handlers = {
		.on_sending = agent_on_sending,
		.signs = signs,
		.sign = sign,
		.on_message = agent_on_message,
		.wants_bytes = wants_bytes,
		.is_struck = agent_is_struck,
		.is_next_hop = is_next_hop,
		.on_fault = agent_on_fault,
	};
	const struct agent_config *config = args->config;

	a->transport_metrics = (struct transport_metrics)METRICS_INIT(TRANSPORT_METRICS);
	a->transport = (struct transport_config){
		.net = stack_net(args->stack),
		.hosts = a->hosts,
		.faults = a->faults,
		.tls_server = args->tls_server,
		.tls_client = args->tls_client,
		.trusted = a->trusted,
		.server = a->server,
		.udp_buffer_bytes = config->udp_buffer_bytes,
		.max_connections = config->max_connections,
		.max_connections_per_peer = config->max_connections_per_peer,
		.max_message_bytes = config->max_message_bytes,
		.max_repeatable = config->max_transactions,
		.max_unsent_bytes = config->max_unsent_bytes,
		.handshake_timeout_ms = config->handshake_timeout_ms,
		.message_timeout_ms = config->message_timeout_ms,
		.unread_timeout_ms = config->unread_timeout_ms,
		.idle_timeout_ms = config->idle_timeout_ms,
		.is_quiet = !args->journal,
		.metrics = &a->transport_metrics,
		.handlers = &handlers,
		.magic = a,
	};
}

/* In one piece, besides what a message has as it came: its headers as sofia parses them. One with more takes more pieces. */
enum { PRELOAD = 2048 };

/* What is too long for us is refused before sofia sees it, with a limit of its own twice as high. The transport answers rport. */
static nta_agent_t *make_nta(struct agent *a, const struct agent_args *args)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): how sofia says "no transport yet" */
	return nta_agent_create(stack_root(args->stack), (url_string_t *)-1, on_message,
				(nta_agent_magic_t *)a, NTATAG_UA(1), NTATAG_PROGRESS(UINT_MAX),
				NTATAG_MAX_PROCEEDING(0), NTATAG_MERGE_482(!args->takes_merged),
				NTATAG_USE_NAPTR(0), NTATAG_USE_SRV(0), NTATAG_SERVER_RPORT(0),
				NTATAG_PRELOAD(PRELOAD),
				NTATAG_MAXSIZE((usize_t)(2 * a->max_message_bytes)), TAG_END());
}

static void quieten_sofia(void)
{
	extern su_log_t nta_log[];

	/* The journal and the metrics say better what it logs at its default levels. */
	su_log_set_level(nta_log, 0);
}

static int read_trusted(struct agent *a, const char *list)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (!list || !*list)
		return 0;
	a->trusted = prefixes_read(list, &why);
	if (!a->trusted)
		log_error("sip", a->hop, "trusted peers: %s", text_str(&why));
	return a->trusted ? 0 : -EINVAL;
}

int agent_new(const struct agent_args *args, struct agent **ret_agent)
{
	struct agent *a = MEM_NEW(struct agent);
	int err;

	a->journal = args->journal;
	a->hosts = stack_hosts(args->stack);
	a->hop = mem_strdup(args->hop);
	a->server = mem_strdup(args->server);
	a->max_message_bytes = args->config->max_message_bytes;
	a->max_transactions = args->config->max_transactions;
	a->connects_from = mem_strdup(args->connects_from ? args->connects_from : "");
	random_bytes(a->branch_key, sizeof(a->branch_key));
	random_bytes(&a->n_branches, sizeof(a->n_branches));
	a->instances = args->instances ? args->instances : &a->own_instances;
	a->faults = args->faults;
	a->joint = args->joint;
	a->on_request = args->on_request;
	a->admit = args->admit;
	a->signer = args->signer;
	a->about = args->about;
	a->is_next_hop = args->is_next_hop;
	a->magic = args->magic;
	a->metrics = (struct agent_metrics)METRICS_INIT(AGENT_METRICS);
	err = read_trusted(a, args->config->trusted_peers);
	configure_transport(a, args);
	quieten_sofia();
	if (!err)
		a->nta = make_nta(a, args);
	if (!err && !a->nta)
		log_error("sip", a->hop, "cannot make the SIP agent");
	if (!err)
		err = a->nta ? listen_all(a, args->config) : -ENOMEM;
	if (err) {
		agent_free(a);
		return err;
	}
	faults_attend(a->faults, a->joint, *a->tcp || *a->tls);
	add_metrics(a, args);
	*ret_agent = a;
	return 0;
}

struct agent *agent_free(struct agent *a)
{
	if (!a)
		return NULL;
	nta_agent_destroy(a->nta);
	prefixes_free(a->trusted);
	free(a->hop);
	free(a->server);
	free(a->connects_from);
	free(a);
	return NULL;
}

bool agent_is_trusted(const struct agent *a)
{
	return transport_is_trusted(nta_agent_tports(a->nta));
}

bool agent_find_sender(const struct agent *a, struct agent_sender *ret)
{
	char host[ADDRESS_TEXT_SIZE];
	struct address from;

	if (!transport_sender(nta_agent_tports(a->nta), &from))
		return false;
	text_join(ret->host, sizeof(ret->host), address_format_host(&from, false, host));
	ret->mark = address_hash(&from);
	ret->is_local = address_is_loopback(&from);
	return true;
}

struct struck *agent_hold(const struct agent *a, void (*on_gone)(void *magic), void *magic)
{
	return transport_hold(nta_agent_tports(a->nta), on_gone, magic);
}

void agent_let_go(struct struck *held)
{
	transport_let_go(held);
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

const char *agent_tls(const struct agent *a)
{
	return a->tls;
}

const char *agent_listener(const struct agent *a, const char *transport)
{
	const char *const names[] = { "tcp", "tls", "udp" };
	const char *const listeners[] = { a->tcp, a->tls, a->udp };
	const char *any = a->connects_from;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (*listeners[i] && !strcmp(transport, names[i]))
			return listeners[i];
		if (any == a->connects_from && *listeners[i])
			any = listeners[i];
	}
	return any;
}

/*
 * Clearing house
 */
#include "mcxd/clearing_house/private.h"

#include "mcxd/base/log.h"
#include "mcxd/base/random.h"
#include "proto/record.h"
#include "proto/sip/text.h"
#include "proto/sip/text_answer.h"

#include <errno.h>
#include <sofia-sip/sip_header.h>

static const struct metric metric_rows[N_CLEARING_HOUSE_METRICS] = {
	[CLEARING_HOUSE_ACCEPTED] = { "clearing_house_accepted_total",
				      "Notifications that a push service took.", METRIC_COUNTER },
	[CLEARING_HOUSE_SYNTHETIC] = { "clearing_house_synthetic_total",
				       "Synthetic transactions that succeeded.", METRIC_COUNTER },
	[CLEARING_HOUSE_REFUSED] = { "clearing_house_refused_total",
				     "Requests that were well formed and refused.",
				     METRIC_COUNTER },
	[CLEARING_HOUSE_BAD] = { "clearing_house_bad_total",
				 "Requests that were refused as malformed.", METRIC_COUNTER },
	[CLEARING_HOUSE_FAILED] = { "clearing_house_failed_total",
				    "Notifications that a push service did not take.",
				    METRIC_COUNTER },
	[CLEARING_HOUSE_LIMITED] = { "clearing_house_limited_total",
				     "Notifications that were refused at the limit.",
				     METRIC_COUNTER },
	[CLEARING_HOUSE_PENDING] = { "clearing_house_pending",
				     "Notifications on their way to a push service.",
				     METRIC_GAUGE },
};

/* ---- answers ---- */

enum { MAX_FIELD = 1024 };

/* The value of a header as it came, with its blanks, where sofia has kept that; else as sofia writes
 * it. */
static const char *field_of(const sip_header_t *h, char *buffer, size_t size)
{
	const char *p = h ? h->sh_data : NULL;
	const char *end = p ? p + h->sh_len : NULL;
	const char *colon = p ? memchr(p, ':', h->sh_len) : NULL;
	issize_t n;

	if (!h)
		return NULL;
	if (colon) {
		for (p = colon + 1; p < end && (*p == ' ' || *p == '\t');)
			p++;
		while (end > p && strchr("\r\n \t", end[-1]))
			end--;
		if ((size_t)(end - p) < size && !memchr(p, '\n', (size_t)(end - p))) {
			memcpy(buffer, p, (size_t)(end - p));
			buffer[end - p] = '\0';
			return buffer;
		}
	}
	n = sip_header_field_e(buffer, (isize_t)size, h, 0);
	return n >= 0 && (size_t)n < size ? buffer : NULL;
}

/* Header lines go in front of the empty line that ends the message. */
static void insert_headers(struct text *message, const char *headers)
{
	if (!headers || message->n < 2)
		return;
	message->n -= 2;
	text_add(message, headers);
	text_add(message, "\r\n");
}

static int build_answer(struct text *ret, const sip_t *sip, const struct diag *d,
			const char *headers)
{
	char from[MAX_FIELD], to[MAX_FIELD], cseq[MAX_FIELD], type[MAX_FIELD], tag[11];
	const char *why = NULL;
	struct sip_clearing_house_answer a = {
		.request = {
			.from = field_of((const sip_header_t *)sip->sip_from, from, sizeof(from)),
			.to = field_of((const sip_header_t *)sip->sip_to, to, sizeof(to)),
			.call_id = sip->sip_call_id->i_id,
			.cseq = field_of((const sip_header_t *)sip->sip_cseq, cseq, sizeof(cseq)),
		},
		.to_tag = tag,
		.content_type =
			field_of((const sip_header_t *)sip->sip_content_type, type, sizeof(type)),
		.diag = *d,
	};

	random_hex(5, tag);
	if (sip_text_clearing_house_answer(ret, &a, &why) < 0) {
		log_warn("clearing_house", sip->sip_call_id->i_id,
			 "an answer cannot be written: %s", why);
		return -EINVAL;
	}
	insert_headers(ret, headers);
	return 0;
}

void clearing_house_answer(struct clearing_house *p, nta_incoming_t *irq, const struct diag *d,
			   const char *headers)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	msg_t *request = nta_incoming_getrequest(irq);
	int err = request ? build_answer(&message, sip_object(request), d, headers) : -EINVAL;

	msg_destroy(request);
	if (!err)
		err = agent_reply_text(p->agent, irq, &message);
	if (err) {
		/* The headers of the request are such that they cannot be echoed. */
		agent_reply(p->agent, irq, d->sip_status, NULL, headers);
		return;
	}
	nta_incoming_destroy(irq);
}

/* ---- requests ---- */

static void record_fault(const struct clearing_house *p, const sip_t *sip, const struct diag *d)
{
	CLEANUP(mem_free_string) char *key = text_format("sip:%s", sip->sip_call_id->i_id);
	const char *what = d->info ? d->info : diag_row(d->code)->reason;

	/* A host that is not allowed is a matter of the settings: somebody here is to read it. */
	log_at(d->code == DIAG_PUSH_REJECTED ? LOG_WARN : LOG_INFO, "clearing_house",
	       sip->sip_call_id->i_id, "%d: %s", d->sip_status, what);
	journal_add(p->journal, &(struct record){
					.kind = "fault",
					.key = key,
					.summary = what,
					.fields = (const struct record_field[]){ { "what", what } },
					.n_fields = 1,
				});
}

static void refuse(struct clearing_house *p, nta_incoming_t *irq, const sip_t *sip,
		   const struct diag *d, const char *headers)
{
	p->metrics[d->sip_status == 400 || d->sip_status == 413 || d->sip_status == 415
			   ? CLEARING_HOUSE_BAD
			   : CLEARING_HOUSE_REFUSED]
		.value++;
	record_fault(p, sip, d);
	clearing_house_answer(p, irq, d, headers);
}

static void on_request(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct clearing_house *p = magic;
	struct clearing_house_request r;
	const char *headers;
	struct diag d;

	if (sip->sip_request->rq_method == sip_method_ack) {
		nta_incoming_destroy(irq);
		return;
	}
	if (!clearing_house_check(p, sip, &r, &d, &headers)) {
		refuse(p, irq, sip, &d, headers);
		return;
	}
	if (r.body.synthetic) {
		d = diag_make(DIAG_SYNTHETIC_SUCCESS);
		p->metrics[CLEARING_HOUSE_SYNTHETIC].value++;
		clearing_house_answer(p, irq, &d, NULL);
	} else if (!budget_take(&p->pending, 1)) {
		d = diag_make(DIAG_LIMIT);
		refuse(p, irq, sip, &d, NULL);
	} else {
		notification_start(p, irq, &r);
	}
	clearing_house_request_deinit(&r);
}

/* MCX, the front end and the Edge each put a Via on top. */
static void name_peer(void *magic, const sip_t *sip, bool sent, char *ret, size_t n)
{
	const sip_via_t *top = sip->sip_via;
	int n_vias = 0;

	(void)magic;
	(void)sent;
	for (const sip_via_t *v = top; v; v = v->v_next)
		n_vias++;
	if (n_vias >= 3)
		snprintf(ret, n, "edge");
	else if (n_vias == 2)
		snprintf(ret, n, "front-end");
	else
		snprintf(ret, n, "%s%s%s", top && top->v_host ? top->v_host : "sip",
			 top && top->v_port ? ":" : "", top && top->v_port ? top->v_port : "");
}

/* ---- life ---- */

static int listen_sip(struct clearing_house *p, struct metrics *metrics)
{
	const struct agent_args args = {
		.loop = p->loop,
		.journal = p->journal,
		.metrics = metrics,
		.hop = "clearing-house",
		.server = CLEARING_HOUSE_SERVER,
		.config = &p->config->agent,
		.on_request = on_request,
		.name_peer = name_peer,
		.magic = p,
	};

	return agent_new(&args, &p->agent);
}

int clearing_house_new(const struct clearing_house_args *args,
		       struct clearing_house **ret_clearing_house)
{
	const struct clearing_house_config *config = args->config;
	CLEANUP(mem_free_string) char *address = text_format("sip:%s", config->address);
	struct clearing_house *p = MEM_NEW(struct clearing_house);
	const char *why;
	int r;

	p->loop = args->loop;
	p->journal = args->journal;
	p->config = config;
	p->pushes = idtab_new();
	memcpy(p->metrics, metric_rows, sizeof(metric_rows));
	p->pending = (struct budget){ .max = config->max_pending,
				      .refused = &p->metrics[CLEARING_HOUSE_LIMITED] };
	p->http =
		http_client_new(p->loop, &(struct http_client_config){ .ca_file = args->ca_file });
	r = uri_decode(address, strlen(address), &p->address, &why);
	if (r < 0)
		log_error("clearing_house", NULL, "the address %s is not one: %s", config->address,
			  why);
	else
		r = listen_sip(p, args->metrics);
	if (r < 0) {
		clearing_house_free(p);
		return r;
	}
	if (args->metrics)
		metrics_add(args->metrics, p->metrics, N_CLEARING_HOUSE_METRICS);
	*ret_clearing_house = p;
	return 0;
}

struct clearing_house *clearing_house_free(struct clearing_house *p)
{
	struct notification *push;

	if (!p)
		return NULL;
	for (uint64_t cursor = 0; (push = idtab_next(p->pushes, &cursor));)
		notification_free(push);
	http_client_free(p->http);
	agent_free(p->agent);
	idtab_free(p->pushes);
	free(p);
	return NULL;
}

const char *clearing_house_tcp(const struct clearing_house *p)
{
	return agent_tcp(p->agent);
}

/*
 * Authentication
 */
#include "mcxd/front_end/auth/auth.h"

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/core/core.h"
#include "mcxd/front_end/auth/association.h"
#include "mcxd/front_end/auth/guessing.h"
#include "mcxd/front_end/auth/nonce.h"
#include "mcxd/front_end/auth/private.h"
#include "mcxd/front_end/auth/scheme.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/private.h"
#include "mcxd/sip/agent.h"
#include "proto/auth/digest.h"
#include "proto/auth/ntlm.h"
#include "proto/auth/params.h"
#include "proto/diag.h"
#include "proto/sip/ident.h"
#include "proto/sip/line.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/words.h"

#include <errno.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>
#include <strings.h>

static const char *const transports[N_AUTH_TRANSPORTS] = { "udp", "tcp", "tls" };

/* ---- what is asked for ---- */

/* A client of Lync's makes: [MS-CONMGMT] has it say so when it registers. It takes Digest from a proxy alone. */
static bool is_lync_client(const sip_t *sip)
{
	return agent_other_header(sip, "ms-keep-alive");
}

/* Whether a challenge is a registrar's, 401, or a proxy's, 407 (RFC 3261, 22.1). A client that gets 401 for anything but
 * REGISTER repeats it for ever, if it is pidgin-sipe. */
static bool is_proxys(const struct auth_request *q)
{
	if (!(q->schemes & AUTH_DIGEST))
		return false;
	return q->sip->sip_request->rq_method != sip_method_register ||
	       (!(q->schemes & AUTH_NTLM) && is_lync_client(q->sip));
}

static int challenge(const struct front_end_auth *a, const struct auth_request *q, bool stale,
		     struct text *ret_lines)
{
	if (is_proxys(q)) {
		auth_digest_challenge(a, "Proxy-Authenticate", stale, ret_lines);
		return 407;
	}
	if (q->schemes & AUTH_NTLM)
		auth_ntlm_challenge(a, ret_lines);
	if (q->schemes & AUTH_DIGEST)
		auth_digest_challenge(a, "WWW-Authenticate", stale, ret_lines);
	return 401;
}

/* ---- what is shown ---- */

typedef enum auth_verdict check_h(struct front_end_auth *a, const struct auth_request *q,
				  const struct auth_params *p, struct auth_result *ret);

static check_h *checker_of(const struct auth_request *q, const char *scheme)
{
	static const struct {
		const char *name;
		int scheme;
		check_h *check;
	} rows[] = { { "Digest", AUTH_DIGEST, auth_digest_check },
		     { "NTLM", AUTH_NTLM, auth_ntlm_check } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (q->schemes & rows[i].scheme && !strcasecmp(rows[i].name, scheme))
			return rows[i].check;
	return NULL;
}

/* Of several credentials, those that are for us. */
static void check_header(struct front_end_auth *a, const struct auth_request *q, const void *header,
			 struct auth_result *ret)
{
	CLEANUP(mem_free_string) char *value = field_text(header);
	CLEANUP(auth_params_deinit) struct auth_params p = { 0 };
	check_h *check;
	const char *why;

	if (auth_params_decode(value, strlen(value), &p, &why) < 0) {
		auth_finds(ret, AUTH_MALFORMED, why);
		return;
	}
	check = checker_of(q, auth_params_scheme(&p));
	if (check)
		check(a, q, &p, ret);
	else
		auth_finds(ret, AUTH_ABSENT, "The scheme of the credentials is not offered here");
}

/* sofia leaves out credentials that it cannot read. */
static bool has_broken(const struct front_end_auth *a, const sip_t *sip)
{
	struct sip_line line;
	const char *p;
	size_t n;

	if (!sip->sip_error || sip->sip_authorization || sip->sip_proxy_authorization)
		return false;
	p = agent_received(a->front_end->agent, &n);
	return p && (sip_line_find(p, n, "Authorization", &line) ||
		     sip_line_find(p, n, "Proxy-Authorization", &line));
}

static void check(struct front_end_auth *a, const struct auth_request *q, struct auth_result *ret)
{
	const sip_authorization_t *m = q->sip->sip_authorization;
	const sip_proxy_authorization_t *proxys = q->sip->sip_proxy_authorization;

	for (; m && ret->verdict == AUTH_ABSENT; m = m->au_next)
		check_header(a, q, m, ret);
	for (; proxys && ret->verdict == AUTH_ABSENT; proxys = proxys->au_next)
		check_header(a, q, proxys, ret);
	if (ret->verdict == AUTH_ABSENT && has_broken(a, q->sip))
		auth_finds(ret, AUTH_MALFORMED, "The header with the credentials is malformed");
}

static void count(struct front_end_auth *a, enum auth_verdict verdict)
{
	struct front_end_auth_metrics *m = &a->metrics;
	struct metric *const counters[] = {
		[AUTH_ACCEPTED] = &m->accepted_total,
		[AUTH_ABSENT] = &m->challenged_total,
		[AUTH_STALE] = &m->stale_total,
		[AUTH_GO_ON] = &m->challenged_total,
		[AUTH_MALFORMED] = &m->malformed_total,
		[AUTH_FORBIDDEN] = &m->forbidden_total,
		[AUTH_WAITS] = NULL,
	};

	if ((size_t)verdict < ARRAY_SIZE(counters) && counters[verdict])
		metric_inc(counters[verdict]);
}

/* ---- refusals ---- */

static void add_diagnostics(const struct front_end_auth *a, enum diag_code code, const char *why,
			    struct text *ret_lines)
{
	struct diag diag = diag_because(code, why);

	text_add(ret_lines, "ms-diagnostics: ");
	diag_encode(ret_lines, &diag, a->front_end->core->config->server_fqdn);
	text_add(ret_lines, "\r\n");
}

static void refuse(struct agent_refusal *r, const struct front_end_auth *a, int status,
		   enum diag_code code, const char *why)
{
	r->status = status;
	add_diagnostics(a, code, why, &r->headers);
}

/* A request that is not REGISTER and has lost its association is refused for good: challenged, pidgin-sipe would repeat it without
 * end until it registers again. */
static bool is_hopeless(const struct auth_request *q)
{
	return !(q->schemes & AUTH_DIGEST) && q->sip->sip_request->rq_method != sip_method_register;
}

static void refuse_challenged(const struct front_end_auth *a, const struct auth_request *q,
			      const struct auth_result *result, struct agent_refusal *r)
{
	int status = challenge(a, q, result->verdict == AUTH_STALE, &r->headers);

	refuse(r, a, status, status == 401 ? DIAG_UNAUTHORIZED : DIAG_PROXY_UNAUTHORIZED,
	       result->why);
}

static void refuse_result(const struct front_end_auth *a, const struct auth_request *q,
			  const struct auth_result *result, struct agent_refusal *r)
{
	switch (result->verdict) {
	case AUTH_STALE:
		if (is_hopeless(q)) {
			refuse(r, a, 403, DIAG_FORBIDDEN, result->why);
			break;
		}
		refuse_challenged(a, q, result, r);
		break;
	case AUTH_ABSENT:
	case AUTH_WRONG: refuse_challenged(a, q, result, r); break;
	case AUTH_GO_ON:
		text_add_all(&r->headers, "WWW-Authenticate: ", text_str(&result->challenge),
			     "\r\n");
		refuse(r, a, 401, DIAG_UNAUTHORIZED, result->why);
		break;
	case AUTH_MALFORMED: refuse(r, a, 400, DIAG_BAD_REQUEST, result->why); break;
	case AUTH_FORBIDDEN: refuse(r, a, 403, DIAG_FORBIDDEN, result->why); break;
	case AUTH_BUSY:
		text_addf(&r->headers, "Retry-After: %lld\r\n",
			  (long long)result->wait_ms / 1000 + 1);
		refuse(r, a, 503, DIAG_LIMIT, result->why);
		break;
	case AUTH_ACCEPTED:
	case AUTH_WAITS: break;
	}
}

/* ---- requests ---- */

static int schemes_of(const struct front_end_auth *a)
{
	const char *transport = agent_came_by(a->front_end->agent);

	for (size_t i = 0; i < N_AUTH_TRANSPORTS; i++)
		if (!strcmp(transport, transports[i]))
			return a->schemes[i];
	return AUTH_NONE;
}

static const char *epid_of(const sip_from_t *from)
{
	const char *epid = msg_params_find(from->a_params, "epid=");

	return epid && ident_is_epid(epid) ? epid : NULL;
}

/* Anybody can write the address of a trusted server into a datagram. One that has proved more than that comes by TLS. */
static bool is_trusted(const struct agent *agent)
{
	return agent_is_trusted(agent) && strcmp(agent_came_by(agent), "udp") != 0;
}

/* peer: of the dialog; NULL: it is outside any. */
static void judge(struct front_end_auth *a, const sip_t *sip, const char *peer,
		  struct agent_refusal *ret_refusal, struct auth_result *ret)
{
	const struct agent *agent = a->front_end->agent;
	struct auth_request q = { .sip = sip, .schemes = schemes_of(a), .may_wait = !peer };

	if (q.schemes == AUTH_NONE || is_trusted(agent)) {
		ret->verdict = AUTH_ACCEPTED;
		return;
	}
	ret->verdict = AUTH_ABSENT;
	q.epid = epid_of(sip->sip_from);
	if (auth_is_told(a))
		auth_finds(ret, AUTH_WRONG, AUTH_WRONG_WHY);
	else if (field_aor(sip->sip_from->a_url, q.from) || !agent_find_sender(agent, &q.sender))
		auth_finds(ret, AUTH_MALFORMED, "The From is not an address of record");
	else
		check(a, &q, ret);
	if (ret->verdict == AUTH_ACCEPTED && peer && strcmp(peer, q.from) != 0)
		auth_finds(ret, AUTH_FORBIDDEN, "From is not the other end of the dialog");
	count(a, ret->verdict);
	refuse_result(a, &q, ret, ret_refusal);
}

enum agent_admission front_end_auth_admit(void *magic, const sip_t *sip, struct agent_refusal *ret)
{
	struct front_end *s = magic;
	struct auth_result result = { 0 };

	judge(s->auth, sip, NULL, ret, &result);
	text_deinit(&result.challenge);
	if (result.verdict == AUTH_WAITS)
		return AGENT_HELD;
	return result.verdict == AUTH_ACCEPTED ? AGENT_ADMITTED : AGENT_REFUSED;
}

bool front_end_auth_admits(struct front_end *s, nta_incoming_t *irq, const sip_t *sip,
			   const char *peer)
{
	struct agent_refusal refusal = { 0 };
	struct auth_result result = { 0 };

	if (sip->sip_request->rq_method == sip_method_ack)
		return true;
	judge(s->auth, sip, peer, &refusal, &result);
	if (result.verdict != AUTH_ACCEPTED)
		agent_reply(s->agent, irq, refusal.status, NULL, text_str(&refusal.headers));
	text_deinit(&refusal.headers);
	text_deinit(&result.challenge);
	return result.verdict == AUTH_ACCEPTED;
}

/* ---- life ---- */

static void read_algorithms(struct front_end_auth *a)
{
	const char *list = a->config->algorithms;
	CLEANUP(words_free) char **words = words_split(list ? list : "");

	for (char **word = words; *word; word++)
		if (digest_algorithm_of(*word) < N_DIGEST_ALGORITHMS)
			a->algorithms[digest_algorithm_of(*word)] = true;
}

static void read_schemes(struct front_end_auth *a)
{
	const char *const lists[N_AUTH_TRANSPORTS] = { a->config->udp, a->config->tcp,
						       a->config->tls };

	for (size_t i = 0; i < N_AUTH_TRANSPORTS; i++)
		a->schemes[i] = lists[i] ? auth_schemes_read(lists[i]) : AUTH_NONE;
}

static int make_ntlm(struct front_end_auth *a)
{
	const char *why;

	if (!((a->schemes[0] | a->schemes[1] | a->schemes[2]) & AUTH_NTLM))
		return 0;
	a->ntlm = ntlm_maker_new(&why);
	if (!a->ntlm)
		log_error("front_end", NULL, "authentication by NTLM is not possible: %s", why);
	return a->ntlm ? 0 : -ENOSYS;
}

int front_end_auth_new(struct front_end *s, const struct front_end_args *args,
		       struct front_end_auth **ret)
{
	struct front_end_auth *a = MEM_NEW(struct front_end_auth);
	int err;

	a->front_end = s;
	a->loop = args->loop;
	a->guesses = args->guesses;
	a->config = &args->config->auth;
	a->nonces = nonces_new(a->loop, a->config->nonce_lifetime_ms, a->config->max_nonces);
	a->digest = digest_maker_new();
	a->associations = associations_new(a->config->max_associations);
	random_hex(8, a->opaque);
	list_init(&a->waits);
	a->metrics = (struct front_end_auth_metrics)METRICS_INIT(AUTH_METRICS);
	read_schemes(a);
	read_algorithms(a);
	err = make_ntlm(a);
	if (err) {
		front_end_auth_free(a);
		return err;
	}
	METRICS_ADD(args->metrics, "sip_auth", &a->metrics);
	*ret = a;
	return 0;
}

struct front_end_auth *front_end_auth_free(struct front_end_auth *a)
{
	if (!a)
		return NULL;
	auth_forget_waits(a);
	associations_free(a->associations);
	ntlm_maker_free(a->ntlm);
	digest_maker_free(a->digest);
	nonces_free(a->nonces);
	free(a);
	return NULL;
}

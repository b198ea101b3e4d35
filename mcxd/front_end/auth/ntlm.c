/*
 * Authentication: NTLM
 *
 * [MS-SIPAE] 3.3: the handshake goes by REGISTER, and makes an association; then every message carries a signature, both ways. The
 * challenge belongs to the opaque that goes with it, so that nothing is remembered before a client has proved its password.
 */
#include "proto/auth/ntlm.h"

#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/core/core.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/auth/association.h"
#include "mcxd/front_end/auth/auth.h"
#include "mcxd/front_end/auth/nonce.h"
#include "mcxd/front_end/auth/private.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/private.h"
#include "mcxd/sip/agent.h"
#include "proto/auth/params.h"
#include "proto/crypto/md.h"
#include "proto/sip/ident.h"
#include "proto/sip/signed.h"
#include "proto/sip/uri.h"
#include "proto/text/base64.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>

/* Of the string that is signed. Only from 4 on the request that brings the proof is signed, too ([MS-SIPAE] 3.2.5.1): who may choose
 * an older one may put a proof that he has recorded into a request of his own. */
#define VERSION_TEXT "4"
enum { VERSION = 4 };

static const char *target_of(const struct front_end_auth *a)
{
	return a->front_end->core->config->server_fqdn;
}

/* ---- challenges ---- */

static void add_target(const struct front_end_auth *a, struct text *out)
{
	auth_params_add_quoted(out, "realm", a->config->realm);
	auth_params_add_quoted(out, "targetname", target_of(a));
}

void auth_ntlm_challenge(const struct front_end_auth *a, struct text *ret_lines)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;

	text_add(&value, "NTLM ");
	add_target(a, &value);
	auth_params_add_token(&value, "version", VERSION_TEXT);
	text_add_all(ret_lines, "WWW-Authenticate: ", text_str(&value), "\r\n");
}

enum { NETBIOS_SIZE = 16 };

/* "FE" of fe.lab.test. */
static void name_netbios(const char *dns, char ret[NETBIOS_SIZE])
{
	size_t n = strcspn(dns, ".");

	memset(ret, 0, NETBIOS_SIZE);
	for (size_t i = 0; i < n && i < NETBIOS_SIZE - 1; i++)
		ret[i] = chars_upper(dns[i]);
}

static enum auth_verdict send_challenge(const struct front_end_auth *a, struct auth_result *ret)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	CLEANUP(text_deinit) struct text data = TEXT_INIT;
	const char *fqdn = target_of(a), *dot = strchr(fqdn, '.');
	char opaque[NONCE_SIZE], domain[NETBIOS_SIZE], computer[NETBIOS_SIZE];
	struct ntlm_challenge c = { .domain = domain,
				    .computer = computer,
				    .dns_domain = dot ? dot + 1 : fqdn,
				    .dns_computer = fqdn,
				    .now_us = loop_wall_us(a->loop) };

	name_netbios(c.dns_domain, domain);
	name_netbios(fqdn, computer);
	nonces_make(a->nonces, opaque);
	nonces_secret(a->nonces, opaque, c.nonce);
	ntlm_challenge_encode(&message, &c);
	base64_encode(&data, message.data, message.n);
	text_add(&ret->challenge, "NTLM ");
	auth_params_add_quoted(&ret->challenge, "opaque", opaque);
	auth_params_add_quoted(&ret->challenge, "gssapi-data", text_str(&data));
	add_target(a, &ret->challenge);
	auth_params_add_token(&ret->challenge, "version", VERSION_TEXT);
	return auth_finds(ret, AUTH_GO_ON, NULL);
}

/* ---- signatures of clients ---- */

static bool is_signed(const struct front_end_auth *a, const struct ntlm_keys *keys,
		      const struct auth_params *p, uint32_t *ret_count)
{
	CLEANUP(text_deinit) struct text string = TEXT_INIT;
	const char *random = auth_params_get(p, "crand"), *count = auth_params_get(p, "cnum");
	const char *response = auth_params_get(p, "response"), *message;
	const struct sip_signed of = { "NTLM",           random,       count,
				       a->config->realm, target_of(a), VERSION };
	int64_t number;
	size_t n;

	if (!random || !count || !response || !text_to_int(count, 0, UINT32_MAX, &number))
		return false;
	message = agent_received(a->front_end->agent, &n);
	*ret_count = (uint32_t)number;
	return message && !sip_signed_add(&string, message, n, &of) &&
	       ntlm_verify(a->ntlm, keys, NTLM_CLIENT, text_str(&string), string.n, response);
}

static enum auth_verdict find_wrong(struct front_end_auth *a, struct auth_result *ret)
{
	metric_inc(&a->metrics.signatures_wrong_total);
	return auth_finds(ret, AUTH_FORBIDDEN, "The signature of the request is wrong");
}

static enum auth_verdict check_signature(struct front_end_auth *a, const struct auth_request *q,
					 struct association *s, const struct auth_params *p,
					 struct auth_result *ret)
{
	uint32_t count;

	if (!is_signed(a, &s->keys, p, &count))
		return find_wrong(a, ret);
	if (!association_count(s, count)) {
		metric_inc(&a->metrics.replayed_total);
		return auth_finds(ret, AUTH_FORBIDDEN, "A request with this cnum has come before");
	}
	s->peer = q->sender.mark;
	return auth_finds(ret, AUTH_ACCEPTED, NULL);
}

/* ---- the handshake ---- */

static void count_associations(struct front_end_auth *a)
{
	a->metrics.associations.value = (int64_t)associations_count(a->associations);
}

/* A challenge is answered once: a proof that was recorded makes no association, nor ends one. */
static enum auth_verdict establish(struct front_end_auth *a, const struct auth_request *q,
				   const struct user *u, const struct auth_params *p,
				   const struct ntlm_keys *keys, struct auth_result *ret)
{
	const char *opaque = auth_params_get(p, "opaque");
	struct association *s;
	uint32_t count;

	if (!is_signed(a, keys, p, &count))
		return find_wrong(a, ret);
	if (!nonces_use(a->nonces, opaque, 1)) {
		metric_inc(&a->metrics.replayed_total);
		return auth_finds(ret, AUTH_STALE, "The challenge was answered before");
	}
	s = association_new(a->associations, u->aor, q->epid ? q->epid : "", opaque);
	s->keys = *keys;
	s->credentials = u->credentials;
	s->until_ms = loop_now_ms(a->loop) + a->config->association_lifetime_ms;
	s->peer = q->sender.mark;
	association_count(s, count);
	count_associations(a);
	return auth_finds(ret, AUTH_ACCEPTED, NULL);
}

static enum auth_verdict prove(struct front_end_auth *a, const struct auth_request *q,
			       const struct auth_params *p, const struct ntlm_authenticate *m,
			       struct auth_result *ret)
{
	CLEANUP(mem_free_string)
	char *login = *m->domain ? text_concat(m->domain, "\\", m->user) : mem_strdup(m->user);
	struct user *u = auth_account(a, q, strchr(m->user, '@') ? m->user : login);
	const char *name = u ? u->aor : login;
	unsigned char nonce[NTLM_NONCE_BYTES];
	struct ntlm_keys keys;
	bool is_right;

	if (!auth_may_check(a, q, name, ret))
		return ret->verdict;
	nonces_secret(a->nonces, auth_params_get(p, "opaque"), nonce);
	is_right = ntlm_prove(a->ntlm, m, nonce, auth_password(u), &keys);
	if (!u || !is_right || !auth_has_password(u)) {
		auth_was_wrong(a, q, name, ret);
		return ret->verdict;
	}
	auth_was_right(a, q, name);
	if (auth_owns(u, q))
		establish(a, q, u, p, &keys, ret);
	else
		auth_finds(ret, AUTH_FORBIDDEN,
			   "The credentials are not those of the user whom the request names");
	explicit_bzero(&keys, sizeof(keys));
	return ret->verdict;
}

static enum auth_verdict check_proof(struct front_end_auth *a, const struct auth_request *q,
				     const struct auth_params *p, const char *data,
				     struct auth_result *ret)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	CLEANUP(ntlm_authenticate_deinit) struct ntlm_authenticate m = { 0 };
	const char *opaque = auth_params_get(p, "opaque"), *version = auth_params_get(p, "version");
	const char *why;

	if (!opaque)
		return auth_finds(ret, AUTH_MALFORMED, "opaque is missing");
	if (nonces_check(a->nonces, opaque) != NONCE_GOOD)
		return auth_finds(ret, AUTH_STALE, "opaque is not that of a recent challenge");
	if (!version || strcmp(version, VERSION_TEXT) != 0)
		return auth_finds(ret, AUTH_MALFORMED, "version is not that of the challenge");
	if (base64_decode(&message, data, strlen(data)) < 0)
		return auth_finds(ret, AUTH_MALFORMED, "gssapi-data is not base64");
	if (ntlm_authenticate_decode(text_str(&message), message.n, &m, &why) < 0)
		return auth_finds(ret, AUTH_MALFORMED, why);
	return prove(a, q, p, &m, ret);
}

/* ---- requests ---- */

static enum auth_verdict check_member(struct front_end_auth *a, const struct auth_request *q,
				      const struct auth_params *p, struct auth_result *ret)
{
	const char *opaque = auth_params_get(p, "opaque");
	struct association *s = opaque ? association_find(a->associations, opaque) : NULL;
	struct user *u =
		s ? user_meet(a->front_end->core, association_aor(s), q->sender.is_local) : NULL;

	if (!opaque)
		return auth_finds(ret, AUTH_MALFORMED, "opaque is missing");
	if (s && (!u || u->credentials != s->credentials || s->until_ms <= loop_now_ms(a->loop))) {
		association_drop(a->associations, s);
		count_associations(a);
		s = NULL;
	}
	if (!s)
		return auth_finds(ret, AUTH_STALE,
				  "The security association is unknown or has expired");
	if (check_signature(a, q, s, p, ret) == AUTH_ACCEPTED && !auth_owns(u, q))
		auth_finds(ret, AUTH_FORBIDDEN,
			   "The credentials are not those of the user whom the request names");
	return ret->verdict;
}

enum auth_verdict auth_ntlm_check(struct front_end_auth *a, const struct auth_request *q,
				  const struct auth_params *p, struct auth_result *ret)
{
	const char *data = auth_params_get(p, "gssapi-data"), *realm = auth_params_get(p, "realm");

	if (realm && strcmp(realm, a->config->realm) != 0)
		return auth_finds(ret, AUTH_ABSENT, "The credentials are for another realm");
	if (!data)
		return check_member(a, q, p, ret);
	return *data ? check_proof(a, q, p, data, ret) : send_challenge(a, ret);
}

/* ---- signatures of ours ---- */

/* Whom a message goes to, if that is a client who signs. An answer does only to where the client has proved to be: anybody may have
 * asked in its name, to get a refusal with a signature that it would believe. */
static struct association *find_receiver(const struct front_end_auth *a, const sip_t *sip,
					 uint64_t peer)
{
	const sip_addr_t *end = sip->sip_status ? sip->sip_from : sip->sip_to;
	const char *epid = end ? msg_params_find(end->a_params, "epid=") : NULL;
	char aor[URI_MAX_AOR + 1];
	struct association *s;

	if (!end || field_aor(end->a_url, aor))
		return NULL;
	s = association_of_client(a->associations, aor, epid && ident_is_epid(epid) ? epid : "",
				  peer);
	return s && (!sip->sip_status || s->peer == peer) ? s : NULL;
}

/* Challenges are not, nor is the 100 of a hop. */
static bool may_be_signed(const sip_t *sip)
{
	int status = sip->sip_status ? sip->sip_status->st_status : 0;

	return status != 100 && status != 401 && status != 407;
}

static bool signs(const void *magic, const sip_t *sip, uint64_t peer)
{
	const struct front_end *s = magic;
	const struct front_end_auth *a = s->auth;

	return a && a->ntlm && a->metrics.associations.value > 0 && may_be_signed(sip) &&
	       find_receiver(a, sip, peer);
}

static void sign(void *magic, const sip_t *sip, uint64_t peer, const struct text *bytes,
		 struct text *ret_lines)
{
	const struct front_end *front_end = magic;
	struct front_end_auth *a = front_end->auth;
	struct association *s = find_receiver(a, sip, peer);
	CLEANUP(text_deinit) struct text string = TEXT_INIT;
	CLEANUP(text_deinit) struct text value = TEXT_INIT;
	unsigned char signature[NTLM_SIGNATURE_BYTES];
	char random[9], count[TEXT_NUMBER_SIZE], hex[2 * NTLM_SIGNATURE_BYTES + 1];
	struct sip_signed of = { "NTLM", random, NULL, a->config->realm, target_of(a), VERSION };

	random_hex(4, random);
	of.count = text_number(count, ++s->n_sent);
	if (sip_signed_add(&string, bytes->data, bytes->n, &of))
		return;
	ntlm_sign(a->ntlm, &s->keys, NTLM_SERVER, string.data, string.n, signature);
	md_format_hex(signature, sizeof(signature), hex);
	text_add(&value, "NTLM ");
	auth_params_add_quoted(&value, "rspauth", hex);
	auth_params_add_quoted(&value, "srand", random);
	auth_params_add_quoted(&value, "snum", of.count);
	auth_params_add_quoted(&value, "opaque", s->opaque);
	auth_params_add_quoted(&value, "qop", "auth");
	add_target(a, &value);
	text_add_all(ret_lines, "Authentication-Info: ", text_str(&value), "\r\n");
}

const struct agent_signer front_end_auth_signer = { .signs = signs, .sign = sign };

/*
 * Authentication: Digest
 */
#include "proto/auth/digest.h"

#include "mcxd/base/metric.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/auth/auth.h"
#include "mcxd/front_end/auth/nonce.h"
#include "mcxd/front_end/auth/private.h"
#include "proto/auth/params.h"
#include "proto/sip/uri.h"
#include "proto/text/text.h"

#include <sofia-sip/url.h>
#include <strings.h>

/* pidgin-sipe 1.25 has forgotten the URI by the time it answers a challenge, and prints that. Its response is still bound to method,
 * nonce and count. */
#define FORGOTTEN_URI "(null)"

/* Whom it addresses, so that a proxy may have changed its parameters (RFC 7616, 3.4.6). */
static bool is_uri_of(const char *said, const url_t *url)
{
	char text[URI_MAX_BYTES];
	struct uri a, b;

	if (!strcmp(said, FORGOTTEN_URI))
		return true;
	if (url_e(text, sizeof(text), url) >= (issize_t)sizeof(text))
		return false;
	if (!strcmp(said, text))
		return true;
	return !uri_decode(said, strlen(said), &a, NULL) &&
	       !uri_decode(text, strlen(text), &b, NULL) && a.secure == b.secure &&
	       a.port == b.port && !strcmp(a.user, b.user) && !strcmp(a.host, b.host);
}

static enum auth_verdict check_nonce(struct front_end_auth *a, const struct digest_credentials *c,
				     struct auth_result *ret)
{
	switch (nonces_check(a->nonces, c->nonce)) {
	case NONCE_GOOD: break;
	case NONCE_EXPIRED: return auth_finds(ret, AUTH_STALE, "The nonce has expired");
	case NONCE_FOREIGN:
		return auth_finds(ret, AUTH_STALE, "The nonce was not made by this server");
	}
	if (c->opaque && strcmp(c->opaque, a->opaque) != 0)
		return auth_finds(ret, AUTH_MALFORMED, "opaque is not that of the challenge");
	return auth_finds(ret, AUTH_ACCEPTED, NULL);
}

/* A count that was used is not told from one that somebody has recorded. */
static enum auth_verdict check_count(struct front_end_auth *a, const struct digest_credentials *c,
				     struct auth_result *ret)
{
	if (nonces_use(a->nonces, c->nonce, c->nc))
		return auth_finds(ret, AUTH_ACCEPTED, NULL);
	metric_inc(&a->metrics.replayed_total);
	return auth_finds(ret, AUTH_STALE, "nc is not higher than before with this nonce");
}

static enum auth_verdict check_password(struct front_end_auth *a, const struct auth_request *q,
					const struct digest_credentials *c, struct auth_result *ret)
{
	struct user *u = auth_account(a, q, c->username);
	const char *name = u ? u->aor : c->username;
	bool is_right;

	if (!auth_may_check(a, q, name, ret))
		return ret->verdict;
	is_right =
		digest_verify(a->digest, c, q->sip->sip_request->rq_method_name, auth_password(u));
	if (!is_right || !auth_has_password(u)) {
		auth_was_wrong(a, q, name, ret);
		return ret->verdict;
	}
	auth_was_right(a, q, name);
	if (!auth_owns(u, q))
		return auth_finds(
			ret, AUTH_FORBIDDEN,
			"The credentials are not those of the user whom the request names");
	return check_count(a, c, ret);
}

enum auth_verdict auth_digest_check(struct front_end_auth *a, const struct auth_request *q,
				    const struct auth_params *p, struct auth_result *ret)
{
	const char *realm = auth_params_get(p, "realm"), *why;
	struct digest_credentials c;

	/* Credentials for other servers may be there as well (RFC 3261, 22.3). */
	if (realm && strcmp(realm, a->config->realm) != 0)
		return auth_finds(ret, AUTH_ABSENT, "The credentials are for another realm");
	if (digest_credentials_read(p, &c, &why) < 0)
		return auth_finds(ret, AUTH_MALFORMED, why);
	if (!a->algorithms[c.algorithm])
		return auth_finds(ret, AUTH_MALFORMED, "The algorithm was not offered");
	if (!is_uri_of(c.uri, q->sip->sip_request->rq_url))
		return auth_finds(ret, AUTH_MALFORMED, "uri is not the URI of the request");
	if (check_nonce(a, &c, ret) != AUTH_ACCEPTED)
		return ret->verdict;
	return check_password(a, q, &c, ret);
}

/* The same nonce in all of them: a client that does not say which algorithm it took has taken MD5. */
void auth_digest_challenge(const struct front_end_auth *a, const char *header, bool stale,
			   struct text *ret_lines)
{
	char nonce[NONCE_SIZE];
	struct digest_challenge c = {
		.realm = a->config->realm, .nonce = nonce, .opaque = a->opaque, .stale = stale
	};

	nonces_make(a->nonces, nonce);
	for (int i = 0; i < N_DIGEST_ALGORITHMS; i++) {
		c.algorithm = (enum digest_algorithm)i;
		if (!a->algorithms[i])
			continue;
		text_add_all(ret_lines, header, ": ");
		digest_challenge_encode(ret_lines, &c);
		text_add(ret_lines, "\r\n");
	}
}

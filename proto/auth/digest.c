/*
 * Digest
 */
#include "proto/auth/digest.h"

#include "proto/auth/params.h"
#include "proto/crypto/md.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <inttypes.h>
#include <strings.h>

enum { NC_DIGITS = 8 };

/* ---- algorithms ---- */

static const struct {
	const char *name;
	enum md_kind kind;
} algorithms[N_DIGEST_ALGORITHMS] = {
	[DIGEST_SHA256] = { "SHA-256", MD_SHA256 },
	[DIGEST_MD5] = { "MD5", MD_MD5 },
};

const char *digest_algorithm_name(enum digest_algorithm algorithm)
{
	return algorithms[algorithm].name;
}

enum digest_algorithm digest_algorithm_of(const char *name)
{
	int i = 0;

	if (!name)
		return DIGEST_MD5;
	while (i < N_DIGEST_ALGORITHMS && strcasecmp(algorithms[i].name, name) != 0)
		i++;
	return (enum digest_algorithm)i;
}

struct digest_maker {
	struct md *md[N_DIGEST_ALGORITHMS];
};

struct digest_maker *digest_maker_new(void)
{
	struct digest_maker *m = MEM_NEW(struct digest_maker);

	for (int i = 0; i < N_DIGEST_ALGORITHMS; i++)
		m->md[i] = md_new(algorithms[i].kind);
	return m;
}

struct digest_maker *digest_maker_free(struct digest_maker *m)
{
	if (!m)
		return NULL;
	for (int i = 0; i < N_DIGEST_ALGORITHMS; i++)
		md_free(m->md[i]);
	free(m);
	return NULL;
}

/* ---- the response ---- */

/* The digest of strings with colons in between. */
static void hash(struct md *md, const char *const *strings, char ret[MD_HEX_SIZE])
{
	md_begin(md);
	for (const char *const *s = strings; *s; s++) {
		if (s != strings)
			md_add(md, ":", 1);
		md_add(md, *s, strlen(*s));
	}
	md_end_hex(md, ret);
}

#define HASH(md, ret, ...) hash(md, (const char *const[]){ __VA_ARGS__, NULL }, ret)

/* RFC 7616, 3.4.1 to 3.4.3; without a count, RFC 2069, 2.1.2. */
static void respond(struct digest_maker *m, const struct digest_credentials *c, const char *method,
		    const char *password, char ret[MD_HEX_SIZE])
{
	struct md *md = m->md[c->algorithm];
	char a1[MD_HEX_SIZE], a2[MD_HEX_SIZE];

	HASH(md, a1, c->username, c->realm, password);
	HASH(md, a2, method, c->uri);
	if (c->nc_text)
		HASH(md, ret, a1, c->nonce, c->nc_text, c->cnonce, "auth", a2);
	else
		HASH(md, ret, a1, c->nonce, a2);
}

bool digest_verify(struct digest_maker *m, const struct digest_credentials *c, const char *method,
		   const char *password)
{
	char want[MD_HEX_SIZE];
	unsigned differs = 0;

	respond(m, c, method, password, want);
	/* Its length is nobody's secret. */
	if (strlen(c->response) != strlen(want))
		return false;
	for (size_t i = 0; want[i]; i++)
		differs |= (unsigned)(unsigned char)(chars_lower(c->response[i]) ^ want[i]);
	return !differs;
}

/* ---- the server's side ---- */

void digest_challenge_encode(struct text *out, const struct digest_challenge *c)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;

	text_add(&value, DIGEST_SCHEME " ");
	auth_params_add_quoted(&value, "realm", c->realm);
	auth_params_add_quoted(&value, "nonce", c->nonce);
	if (c->opaque)
		auth_params_add_quoted(&value, "opaque", c->opaque);
	if (c->stale)
		auth_params_add_token(&value, "stale", "true");
	auth_params_add_token(&value, "algorithm", digest_algorithm_name(c->algorithm));
	auth_params_add_quoted(&value, "qop", "auth");
	text_add_bytes(out, value.data, value.n);
}

static bool read_nc(const char *s, uint32_t *ret)
{
	*ret = 0;
	if (strlen(s) != NC_DIGITS)
		return false;
	for (; *s; s++) {
		if (chars_hex(*s) < 0)
			return false;
		*ret = *ret << 4 | (uint32_t)chars_hex(*s);
	}
	return true;
}

static const char *find_flaw(const struct auth_params *a, struct digest_credentials *c)
{
	const char *qop = auth_params_get(a, "qop");
	const char *userhash = auth_params_get(a, "userhash");

	if (!c->username || !c->realm || !c->nonce || !c->uri || !c->response)
		return "username, realm, nonce, uri or response is missing";
	if (!qop || !c->nc_text || !c->cnonce)
		return "qop, nc or cnonce is missing: qop=auth is demanded";
	if (strcasecmp(qop, "auth") != 0)
		return "The quality of protection is not auth";
	if (!read_nc(c->nc_text, &c->nc) || c->nc == 0)
		return "nc is not a number of 8 hex digits from 1";
	if (c->algorithm == N_DIGEST_ALGORITHMS)
		return "The algorithm is neither SHA-256 nor MD5";
	if (userhash && strcasecmp(userhash, "false") != 0)
		return "A hashed username was not offered";
	return NULL;
}

int digest_credentials_read(const struct auth_params *a, struct digest_credentials *ret,
			    const char **ret_why)
{
	*ret = (struct digest_credentials){
		.username = auth_params_get(a, "username"),
		.realm = auth_params_get(a, "realm"),
		.nonce = auth_params_get(a, "nonce"),
		.uri = auth_params_get(a, "uri"),
		.cnonce = auth_params_get(a, "cnonce"),
		.response = auth_params_get(a, "response"),
		.nc_text = auth_params_get(a, "nc"),
		.opaque = auth_params_get(a, "opaque"),
		.algorithm = digest_algorithm_of(auth_params_get(a, "algorithm")),
	};
	*ret_why = find_flaw(a, ret);
	return *ret_why ? -EINVAL : 0;
}

/* ---- the client's side ---- */

void digest_session_deinit(struct digest_session *s)
{
	free(s->realm);
	free(s->nonce);
	free(s->opaque);
	*s = (struct digest_session){ 0 };
}

/* In a list as in "auth,auth-int". */
static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (*list) {
		list += strspn(list, ", \t");
		if (!strncasecmp(list, word, n) && (!list[n] || strchr(", \t", list[n])))
			return true;
		list += strcspn(list, ", \t");
	}
	return false;
}

static const char *find_flaw_of_challenge(const struct auth_params *a)
{
	const char *qop = auth_params_get(a, "qop");

	if (strcasecmp(auth_params_scheme(a), DIGEST_SCHEME) != 0)
		return "The scheme is not Digest";
	if (!auth_params_get(a, "realm") || !auth_params_get(a, "nonce"))
		return "realm or nonce is missing";
	if (digest_algorithm_of(auth_params_get(a, "algorithm")) == N_DIGEST_ALGORITHMS)
		return "The algorithm is neither SHA-256 nor MD5";
	if (qop && !has_word(qop, "auth"))
		return "The quality of protection auth is not offered";
	return NULL;
}

int digest_session_take(struct digest_session *s, const struct auth_params *a, const char **ret_why)
{
	const char *stale = auth_params_get(a, "stale");

	*ret_why = find_flaw_of_challenge(a);
	if (*ret_why)
		return -EINVAL;
	digest_session_deinit(s);
	s->realm = mem_strdup(auth_params_get(a, "realm"));
	s->nonce = mem_strdup(auth_params_get(a, "nonce"));
	s->opaque = mem_strdup(auth_params_get(a, "opaque"));
	s->algorithm = digest_algorithm_of(auth_params_get(a, "algorithm"));
	s->has_qop = auth_params_get(a, "qop");
	s->stale = stale && !strcasecmp(stale, "true");
	return 0;
}

void digest_session_answer(struct text *out, struct digest_session *s, struct digest_maker *m,
			   const struct digest_request *r)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;
	char nc[NC_DIGITS + 1], response[MD_HEX_SIZE];
	const struct digest_credentials c = {
		.username = r->username,
		.realm = s->realm,
		.nonce = s->nonce,
		.uri = r->uri,
		.cnonce = r->cnonce,
		.nc_text = s->has_qop ? nc : NULL,
		.algorithm = s->algorithm,
	};

	snprintf(nc, sizeof(nc), "%08" PRIx32, ++s->nc);
	respond(m, &c, r->method, r->password, response);
	text_add(&value, DIGEST_SCHEME " ");
	auth_params_add_quoted(&value, "username", r->username);
	auth_params_add_quoted(&value, "realm", s->realm);
	auth_params_add_quoted(&value, "nonce", s->nonce);
	auth_params_add_quoted(&value, "uri", r->uri);
	auth_params_add_quoted(&value, "response", response);
	auth_params_add_token(&value, "algorithm", digest_algorithm_name(s->algorithm));
	if (s->opaque)
		auth_params_add_quoted(&value, "opaque", s->opaque);
	if (s->has_qop) {
		auth_params_add_quoted(&value, "cnonce", r->cnonce);
		auth_params_add_token(&value, "qop", "auth");
		auth_params_add_token(&value, "nc", nc);
	}
	text_add_bytes(out, value.data, value.n);
}

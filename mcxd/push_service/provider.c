/*
 * Provider
 */
#include "mcxd/push_service/provider.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/push_service/push_service.h"
#include "proto/auth/jwt.h"
#include "proto/crypto/es256.h"
#include "proto/crypto/md.h"
#include "proto/crypto/sha256.h"
#include "proto/push/apns.h"
#include "proto/text/mem.h"
#include "proto/text/words.h"
#include "web/http/h2/request.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>

enum { MAX_KEY_BYTES = 8192, MAX_AHEAD_S = 60 };

/* A token that was good, but for its times. */
struct known {
	struct list of_provider;
	char digest[HEX_DIGEST_SIZE];
	struct jwt token;
};

/* What is known of a connection: which token it uses, and since when. */
struct usage {
	char digest[HEX_DIGEST_SIZE];
	int64_t since_s;
};

struct provider {
	const struct push_service_config *config;
	struct es256_key *key;
	struct md *sha256;
	struct strtab *known; /* struct known by digest */
	struct list order;    /* the same, the oldest first */
	char **topics;
	struct metric *n_verified;
};

static int64_t real_now_s(void)
{
	return time(NULL);
}

/* ---- making one ---- */

static int read_key(struct provider *p)
{
	const char *path = p->config->apns_key_file, *why = NULL;
	char pem[MAX_KEY_BYTES];
	FILE *file = fopen(path, "re");
	size_t n = file ? fread(pem, 1, sizeof(pem), file) : 0;
	int err = file ? 0 : -errno;

	if (file)
		fclose(file);
	if (err)
		why = strerror(-err);
	else
		err = es256_key_read(pem, n, &p->key, &why);
	if (err)
		log_error("push_service", NULL, "the key of APNs providers, %s: %s", path, why);
	return err;
}

int provider_new(const struct push_service_config *config, struct metric *n_verified,
		 struct provider **ret)
{
	struct provider *p = MEM_NEW(struct provider);
	int err;

	p->config = config;
	p->n_verified = n_verified;
	p->sha256 = md_new(MD_SHA256);
	p->known = strtab_new();
	list_init(&p->order);
	p->topics = words_split(config->apns_topics);
	err = read_key(p);
	if (err) {
		provider_free(p);
		return err;
	}
	*ret = p;
	return 0;
}

static void forget(struct provider *p, struct known *k)
{
	strtab_remove(p->known, k->digest);
	list_remove(&k->of_provider);
	jwt_deinit(&k->token);
	free(k);
}

struct provider *provider_free(struct provider *p)
{
	if (!p)
		return NULL;
	list_for_each_safe (node, &p->order)
		forget(p, LIST_ENTRY(node, struct known, of_provider));
	strtab_free(p->known);
	md_free(p->sha256);
	es256_key_free(p->key);
	words_free(&p->topics);
	free(p);
	return NULL;
}

/* ---- tokens ---- */

static struct jwt_rules rules_of(const struct provider *p)
{
	return (struct jwt_rules){
		.key = p->key,
		.key_id = p->config->apns_key_id,
		.issuer = p->config->apns_team_id,
		.max_age_s = APNS_TOKEN_AGE_S,
		.max_ahead_s = MAX_AHEAD_S,
	};
}

/* The oldest go first. */
static void make_room(struct provider *p)
{
	list_for_each_safe (node, &p->order) {
		if ((int64_t)strtab_count(p->known) < p->config->apns_max_tokens)
			return;
		forget(p, LIST_ENTRY(node, struct known, of_provider));
	}
}

/* Takes the token over. */
static struct known *remember(struct provider *p, const char *digest, struct jwt *token)
{
	struct known *k = MEM_NEW(struct known);

	make_room(p);
	memcpy(k->digest, digest, sizeof(k->digest));
	k->token = *token;
	*token = (struct jwt){ 0 };
	list_append(&p->order, &k->of_provider);
	strtab_add(p->known, k->digest, k);
	return k;
}

/* NULL, with a sentence in *ret_why, if it is not good. */
static const struct known *verify(struct provider *p, const char *token, const char *digest,
				  const char **ret_why)
{
	const struct jwt_rules rules = rules_of(p);
	const struct known *k = NULL;
	enum jwt_verdict verdict;
	struct jwt t;

	if (jwt_decode(token, strlen(token), &t, ret_why) < 0)
		return NULL;
	metric_inc(p->n_verified);
	verdict = jwt_check(token, &t, &rules);
	if (verdict == JWT_GOOD)
		k = remember(p, digest, &t);
	else
		*ret_why = jwt_verdict_text(verdict);
	jwt_deinit(&t);
	return k;
}

/* Within a connection a token may be replaced every so often; on another connection at once. */
static bool changes_too_often(struct provider *p, const struct h2_request *r, const char *digest)
{
	void **context = h2_connection_context(r);
	struct usage *u = *context;
	const int64_t now_s = real_now_s();
	const bool is_first = !u;

	if (is_first)
		*context = u = MEM_NEW(struct usage);
	if (!strcmp(u->digest, digest))
		return false;
	if (!is_first && now_s - u->since_s < p->config->apns_token_interval_ms / 1000)
		return true;
	memcpy(u->digest, digest, sizeof(u->digest));
	u->since_s = now_s;
	return false;
}

static enum apns_reason check_token(struct provider *p, const struct h2_request *r,
				    const char *token, const char **ret_why)
{
	const struct jwt_rules rules = rules_of(p);
	char digest[HEX_DIGEST_SIZE];
	const struct known *k;
	enum jwt_verdict verdict;

	md_hex(p->sha256, token, strlen(token), digest);
	k = strtab_get(p->known, digest);
	if (!k)
		k = verify(p, token, digest, ret_why);
	if (!k)
		return APNS_INVALID_PROVIDER_TOKEN;
	verdict = jwt_check_time(&k->token, &rules, real_now_s());
	*ret_why = jwt_verdict_text(verdict);
	if (verdict == JWT_EXPIRED)
		return APNS_EXPIRED_PROVIDER_TOKEN;
	if (verdict != JWT_GOOD)
		return APNS_INVALID_PROVIDER_TOKEN;
	*ret_why = "The connection has had another token a moment ago";
	return changes_too_often(p, r, digest) ? APNS_TOO_MANY_TOKEN_UPDATES : APNS_ACCEPTED;
}

/* ---- certificates ---- */

/* The topics of the client's certificate; the first, if there is one, in *ret. */
static int count_topics(const struct provider *p, const struct h2_request *r, const char **ret)
{
	int n = 0;

	for (char **topic = p->topics; *topic; topic++)
		if (h2_client_has(r, *topic) && n++ == 0)
			*ret = *topic;
	return n;
}

/* ---- both ---- */

/* NULL: there is none. RFC 9110, 11.1: the case of the scheme does not matter. */
static const char *token_of(const struct h2_request *r)
{
	static const char scheme[] = "bearer ";
	const char *value = h2_header(r, "authorization");

	if (!value || strncasecmp(value, scheme, sizeof(scheme) - 1) != 0)
		return NULL;
	value += sizeof(scheme) - 1;
	return *value ? value : NULL;
}

enum apns_reason provider_check(struct provider *p, const struct h2_request *r,
				const char **ret_why)
{
	const char *token = token_of(r), *topic;

	if (token)
		return check_token(p, r, token, ret_why);
	if (h2_client_is_verified(r) && count_topics(p, r, &topic) > 0)
		return APNS_ACCEPTED;
	if (h2_client_is_verified(r)) {
		*ret_why = "The certificate is for none of the topics";
		return APNS_BAD_CERTIFICATE;
	}
	*ret_why = "There is neither a token nor a certificate";
	return APNS_MISSING_PROVIDER_TOKEN;
}

static bool is_topic(const struct provider *p, const char *topic)
{
	for (char **known = p->topics; *known; known++)
		if (!strcmp(*known, topic))
			return true;
	return false;
}

enum apns_reason provider_topic(const struct provider *p, const struct h2_request *r,
				const char *topic, const char **ret)
{
	const bool has_token = token_of(r) != NULL;

	*ret = topic;
	if (!topic)
		return !has_token && count_topics(p, r, ret) == 1 ? APNS_ACCEPTED
								  : APNS_MISSING_TOPIC;
	if (!is_topic(p, topic) || (!has_token && !h2_client_has(r, topic)))
		return APNS_TOPIC_DISALLOWED;
	return APNS_ACCEPTED;
}

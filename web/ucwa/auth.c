/*
 * Tokens
 */
#include "web/ucwa/auth.h"

#include "mcxd/base/hash.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/core/core.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "proto/crypto/md.h"
#include "proto/crypto/sha256.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"

#define AUTH_METRICS(X)                                                                            \
	X(tokens_issued_total, METRIC_COUNTER, "Tokens issued")                                    \
	X(tokens_refused_total, METRIC_COUNTER, "Tokens not issued because the limit was reached") \
	X(tokens_unknown_total, METRIC_COUNTER, "Requests with an invalid or expired token")       \
	X(tokens, METRIC_GAUGE, "Valid tokens")

METRICS_STRUCT(auth_metrics, AUTH_METRICS);

/* The store knows a token by its SHA-256, whose cost is twenty times that of the two SipHashes by which it is found here.
 * Their keys are a secret of this process and the two make 128 bits, so nobody can make another token with the same mark. */
enum { N_MARK_KEYS = 2, MARK_SIZE = N_MARK_KEYS * 16 + 1 };

struct owner {
	char *aor;
	struct list tokens; /* struct token.of_owner, oldest first */
	int64_t n_tokens;
};

struct token {
	struct list of_auth;
	struct list of_owner;
	struct owner *owner;
	int64_t expires_ms;
	uint64_t id; /* in the store */
	uint64_t
		credentials; /* of struct user; 0: it was issued before the restart, see password */
	char mark[MARK_SIZE]; /* empty: restored, and nobody has come with it since */
	char digest[HEX_DIGEST_SIZE];
	char password[HEX_DIGEST_SIZE]; /* as the store has it */
};

struct auth {
	struct core *core;
	struct auth_config config;
	struct strtab *marked;   /* tokens by mark */
	struct strtab *unmarked; /* those without, by digest */
	unsigned char mark_keys[N_MARK_KEYS][16];
	struct strtab *owners;
	struct md *sha256;
	uint64_t last_id;
	struct list by_age; /* all have the same lifetime: the oldest expires first */
	struct auth_metrics metrics;
};

struct auth *auth_new(struct core *c, const struct auth_config *config, struct metrics *metrics)
{
	struct auth *a = MEM_NEW(struct auth);

	a->core = c;
	a->config = *config;
	a->marked = strtab_new();
	a->unmarked = strtab_new();
	random_bytes(a->mark_keys, sizeof(a->mark_keys));
	a->owners = strtab_new();
	a->sha256 = md_new(MD_SHA256);
	list_init(&a->by_age);
	a->metrics = (struct auth_metrics)METRICS_INIT(AUTH_METRICS);
	METRICS_ADD(metrics, "auth", &a->metrics);
	return a;
}

static void drop(struct auth *a, struct token *t)
{
	struct owner *o = t->owner;

	if (t->mark[0])
		strtab_remove(a->marked, t->mark);
	else
		strtab_remove(a->unmarked, t->digest);
	list_remove(&t->of_auth);
	list_remove(&t->of_owner);
	metric_add(&a->metrics.tokens, -1);
	if (--o->n_tokens == 0) {
		strtab_remove(a->owners, o->aor);
		free(o->aor);
		free(o);
	}
	free(t);
}

static void invalidate(struct auth *a, struct token *t)
{
	core_remove(a->core, STORE_TOKEN, t->id, NULL, NULL);
	drop(a, t);
}

static void drop_expired(struct auth *a)
{
	int64_t now = loop_now_ms(a->core->loop);

	list_for_each_safe (node, &a->by_age) {
		struct token *t = LIST_ENTRY(node, struct token, of_auth);

		if (t->expires_ms > now)
			return;
		invalidate(a, t);
	}
}

void auth_forget(struct auth *a, const char *aor)
{
	struct owner *o;

	/* The last one takes its owner with it. */
	while ((o = strtab_get(a->owners, aor)))
		invalidate(a, LIST_ENTRY(o->tokens.next, struct token, of_owner));
}

struct auth *auth_free(struct auth *a)
{
	if (!a)
		return NULL;
	list_for_each_safe (node, &a->by_age)
		drop(a, LIST_ENTRY(node, struct token, of_auth));
	strtab_free(a->marked);
	strtab_free(a->unmarked);
	strtab_free(a->owners);
	md_free(a->sha256);
	free(a);
	return NULL;
}

static struct owner *owner_of(struct auth *a, const char *aor)
{
	struct owner *o = strtab_get(a->owners, aor);

	if (o)
		return o;
	o = MEM_NEW(struct owner);
	o->aor = mem_strdup(aor);
	list_init(&o->tokens);
	strtab_add(a->owners, aor, o);
	return o;
}

/* At the limit, a new token of a user replaces that user's oldest one, never one of another user. */
static void make_room(struct auth *a, const char *aor)
{
	struct owner *o = strtab_get(a->owners, aor);

	if (o && o->n_tokens >= a->config.max_tokens_per_user)
		invalidate(a, LIST_ENTRY(o->tokens.next, struct token, of_owner));
}

static void mark_of(const struct auth *a, const char *token, char ret[MARK_SIZE])
{
	size_t n = strlen(token);

	for (size_t i = 0; i < N_MARK_KEYS; i++) {
		uint64_t hash = hash_sip24(a->mark_keys[i], token, n);

		for (size_t k = 0; k < sizeof(hash); k++, ret += 2)
			chars_put_hex((unsigned char)(hash >> k * 8), ret);
	}
	*ret = '\0';
}

static void add_mark(struct auth *a, struct token *t, const char mark[MARK_SIZE])
{
	memcpy(t->mark, mark, MARK_SIZE);
	strtab_add(a->marked, t->mark, t);
}

/* The caller enters it into one of the two tables. */
static struct token *add(struct auth *a, uint64_t id, const char *aor,
			 const char digest[HEX_DIGEST_SIZE])
{
	struct token *t = MEM_NEW(struct token);

	t->id = id;
	memcpy(t->digest, digest, HEX_DIGEST_SIZE);
	t->owner = owner_of(a, aor);
	t->owner->n_tokens++;
	list_append(&t->owner->tokens, &t->of_owner);
	list_append(&a->by_age, &t->of_auth);
	metric_inc(&a->metrics.tokens);
	return t;
}

/* ---- in the store ---- */

static const char *password_of(const struct user *u)
{
	const char *password = user_password(u);

	return password ? password : "";
}

static void save(struct auth *a, const struct token *t)
{
	core_save(
		a->core,
		&(struct store_row){
			.kind = STORE_TOKEN,
			.id = t->id,
			.token = { .user = t->owner->aor,
				   .expires_wall_us =
					   (t->expires_ms + loop_calendar_ms(a->core->loop)) * 1000,
				   .digest = t->digest,
				   .password = t->password } },
		NULL, NULL);
}

void auth_save_all(struct auth *a)
{
	drop_expired(a);
	list_for_each (node, &a->by_age)
		save(a, LIST_ENTRY(node, struct token, of_auth));
}

/* The lifetime may have been changed since; a token that outlived those issued after it would break the order of
 * by_age. */
static int64_t left_ms_of(const struct auth *a, const struct token_row *r)
{
	int64_t left_ms = (r->expires_wall_us - loop_wall_us(a->core->loop) + 999) / 1000;

	return left_ms < a->config.token_lifetime_ms ? left_ms : a->config.token_lifetime_ms;
}

static bool is_digest(const char *s)
{
	return s && strlen(s) == HEX_DIGEST_SIZE - 1;
}

bool auth_can_restore(const struct auth *a, const struct store_row *row)
{
	const struct token_row *r = &row->token;

	return left_ms_of(a, r) > 0 && is_digest(r->digest) && is_digest(r->password);
}

static bool has_token(const struct auth *a, const char *aor, const char *digest)
{
	const struct owner *o = strtab_get(a->owners, aor);

	if (strtab_get(a->unmarked, digest))
		return true;
	if (!o)
		return false;
	list_for_each (node, &o->tokens)
		if (!strcmp(LIST_ENTRY(node, struct token, of_owner)->digest, digest))
			return true;
	return false;
}

bool auth_restore(struct auth *a, const struct store_row *row)
{
	const struct token_row *r = &row->token;
	int64_t left_ms = left_ms_of(a, r);
	struct user *u = user_meet(a->core, r->user, true);
	struct token *t;

	if (row->id > a->last_id)
		a->last_id = row->id;
	if (!u || !auth_can_restore(a, row) || has_token(a, u->aor, r->digest))
		return false;
	t = add(a, row->id, u->aor, r->digest);
	strtab_add(a->unmarked, t->digest, t);
	memcpy(t->password, r->password, HEX_DIGEST_SIZE);
	t->expires_ms = loop_now_ms(a->core->loop) + left_ms;
	return true;
}

/* ---- issuing and checking ---- */

int auth_issue(struct auth *a, const struct user *u, char ret_token[AUTH_TOKEN_SIZE])
{
	char digest[HEX_DIGEST_SIZE], mark[MARK_SIZE];
	struct token *t;

	drop_expired(a);
	make_room(a, u->aor);
	if ((int64_t)(strtab_count(a->marked) + strtab_count(a->unmarked)) >=
	    a->config.max_tokens) {
		metric_inc(&a->metrics.tokens_refused_total);
		return 1;
	}
	memcpy(ret_token, "cwt=", 5);
	random_hex(32, ret_token + 4);
	md_hex(a->sha256, ret_token, AUTH_TOKEN_SIZE - 1, digest);
	t = add(a, ++a->last_id, u->aor, digest);
	mark_of(a, ret_token, mark);
	add_mark(a, t, mark);
	t->expires_ms = loop_now_ms(a->core->loop) + a->config.token_lifetime_ms;
	t->credentials = u->credentials;
	sha256_hmac_hex(ret_token, password_of(u), t->password);
	if (core_is_durable(a->core))
		save(a, t);
	metric_inc(&a->metrics.tokens_issued_total);
	return 0;
}

/* What a token from before the restart was issued for can only be told with the token. */
static bool is_for_password(struct token *t, const struct user *u, const char *token)
{
	char password[HEX_DIGEST_SIZE];

	if (!t->credentials) {
		sha256_hmac_hex(token, password_of(u), password);
		if (strcmp(password, t->password) != 0)
			return false;
		t->credentials = u->credentials;
	}
	return t->credentials == u->credentials;
}

int64_t auth_room_ms(const struct auth *a)
{
	const struct token *oldest = LIST_ENTRY(a->by_age.next, struct token, of_auth);

	return list_empty(&a->by_age) ? 0 : oldest->expires_ms - loop_now_ms(a->core->loop);
}

/* A token that was restored gets its mark when somebody comes with it. */
static struct token *find(struct auth *a, const char *token)
{
	char digest[HEX_DIGEST_SIZE], mark[MARK_SIZE];
	struct token *t;

	mark_of(a, token, mark);
	t = strtab_get(a->marked, mark);
	if (t)
		return t;
	md_hex(a->sha256, token, strlen(token), digest);
	t = strtab_get(a->unmarked, digest);
	if (!t)
		return NULL;
	strtab_remove(a->unmarked, digest);
	add_mark(a, t, mark);
	return t;
}

struct user *auth_check(struct auth *a, const char *token)
{
	struct token *t;
	struct user *u;

	drop_expired(a);
	t = find(a, token);
	u = t ? user_meet(a->core, t->owner->aor, true) : NULL;
	if (u && is_for_password(t, u, token))
		return u;
	metric_inc(&a->metrics.tokens_unknown_total);
	return NULL;
}

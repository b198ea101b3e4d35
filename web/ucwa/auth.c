/*
 * Tokens
 */
#include "web/ucwa/auth.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "proto/text/mem.h"

#define AUTH_METRICS(X)                                                                            \
	X(tokens_issued_total, METRIC_COUNTER, "Tokens issued")                                    \
	X(tokens_refused_total, METRIC_COUNTER, "Tokens not issued because the limit was reached") \
	X(tokens_unknown_total, METRIC_COUNTER, "Requests with an invalid or expired token")       \
	X(tokens, METRIC_GAUGE, "Valid tokens")

METRICS_STRUCT(auth_metrics, AUTH_METRICS);

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
	uint64_t credentials;
	char text[AUTH_TOKEN_SIZE];
};

struct auth {
	struct loop *loop;
	struct auth_config config;
	struct strtab *tokens;
	struct strtab *owners;
	struct list by_age; /* all have the same lifetime: the oldest expires first */
	struct auth_metrics metrics;
};

struct auth *auth_new(struct loop *l, const struct auth_config *config, struct metrics *metrics)
{
	struct auth *a = MEM_NEW(struct auth);

	a->loop = l;
	a->config = *config;
	a->tokens = strtab_new();
	a->owners = strtab_new();
	list_init(&a->by_age);
	a->metrics = (struct auth_metrics)METRICS_INIT(AUTH_METRICS);
	METRICS_ADD(metrics, "auth", &a->metrics);
	return a;
}

static void drop(struct auth *a, struct token *t)
{
	struct owner *o = t->owner;

	strtab_remove(a->tokens, t->text);
	list_remove(&t->of_auth);
	list_remove(&t->of_owner);
	metric_add(&a->metrics.tokens, -1);
	if (--o->n_tokens == 0) {
		strtab_remove(a->owners, o->aor);
		free(o->aor);
		free(o);
	}
	explicit_bzero(t->text, sizeof(t->text));
	free(t);
}

static void drop_expired(struct auth *a)
{
	int64_t now = loop_now_ms(a->loop);

	list_for_each_safe (node, &a->by_age) {
		struct token *t = LIST_ENTRY(node, struct token, of_auth);

		if (t->expires_ms > now)
			return;
		drop(a, t);
	}
}

struct auth *auth_free(struct auth *a)
{
	if (!a)
		return NULL;
	list_for_each_safe (node, &a->by_age)
		drop(a, LIST_ENTRY(node, struct token, of_auth));
	strtab_free(a->tokens);
	strtab_free(a->owners);
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
		drop(a, LIST_ENTRY(o->tokens.next, struct token, of_owner));
}

int auth_issue(struct auth *a, const char *aor, uint64_t credentials,
	       char ret_token[AUTH_TOKEN_SIZE])
{
	struct token *t;

	drop_expired(a);
	make_room(a, aor);
	if ((int64_t)strtab_count(a->tokens) >= a->config.max_tokens) {
		metric_inc(&a->metrics.tokens_refused_total);
		return 1;
	}
	t = MEM_NEW(struct token);
	memcpy(t->text, "cwt=", 4);
	random_hex(32, t->text + 4);
	t->expires_ms = loop_now_ms(a->loop) + a->config.token_lifetime_ms;
	t->credentials = credentials;
	t->owner = owner_of(a, aor);
	t->owner->n_tokens++;
	list_append(&t->owner->tokens, &t->of_owner);
	list_append(&a->by_age, &t->of_auth);
	strtab_add(a->tokens, t->text, t);
	metric_inc(&a->metrics.tokens_issued_total);
	metric_inc(&a->metrics.tokens);
	memcpy(ret_token, t->text, AUTH_TOKEN_SIZE);
	return 0;
}

const char *auth_check(struct auth *a, const char *token, uint64_t *ret_credentials)
{
	struct token *t;

	drop_expired(a);
	t = strtab_get(a->tokens, token);
	if (t) {
		*ret_credentials = t->credentials;
		return t->owner->aor;
	}
	metric_inc(&a->metrics.tokens_unknown_total);
	return NULL;
}

/*
 * User
 */
#include "mcxd/core/user.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/presence.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"

#include <errno.h>

/* The domain of one user or more. */
struct domain {
	size_t n_users;
};

static const char *domain_of(const char *aor)
{
	const char *at = strrchr(aor, '@');

	return at ? at + 1 : aor;
}

static void enter_domain(struct core *c, const char *name)
{
	struct domain *d = strtab_get(&c->domains, name);

	if (!d) {
		d = MEM_NEW(struct domain);
		strtab_add(&c->domains, name, d);
	}
	d->n_users++;
}

static void leave_domain(struct core *c, const char *name)
{
	struct domain *d = strtab_get(&c->domains, name);

	if (--d->n_users)
		return;
	strtab_remove(&c->domains, name);
	free(d);
}

bool user_domain_is_ours(const struct core *c, const char *aor)
{
	return strtab_get(&c->domains, domain_of(aor)) != NULL;
}

void user_apply_config(struct user *u)
{
	const struct core_config *config = u->core->config;

	u->endpoints.max = config->max_endpoints;
	u->sign_ins.max = config->max_phones;
	u->conversations.max = config->max_conversations;
}

int user_add(struct core *c, const struct user_spec *spec, struct user **ret_user)
{
	char aor[URI_MAX_AOR + 1];
	struct user *u;

	if (uri_aor(spec->aor, aor, NULL) < 0)
		return -EINVAL;
	u = MEM_NEW(struct user);
	if (strtab_add(&c->users, aor, u)) {
		free(u);
		return 1;
	}
	u->core = c;
	u->aor = mem_strdup(aor);
	enter_domain(c, domain_of(aor));
	list_init(&u->bindings);
	list_init(&u->phones);
	list_init(&u->presence.watchers);
	u->endpoints.refused = &c->metrics.limits_total;
	u->sign_ins.refused = &c->metrics.sign_ins_refused_total;
	u->conversations.refused = &c->metrics.limits_total;
	user_apply_config(u);
	user_set(u, spec);
	if (ret_user)
		*ret_user = u;
	return 0;
}

void user_set(struct user *u, const struct user_spec *spec)
{
	bool same = u->password && spec->password && !strcmp(u->password, spec->password);

	if (!same)
		u->credentials = ++u->core->last_credentials;
	mem_set_string(&u->display_name, spec->display_name);
	mem_set_string(&u->password, spec->password);
	mem_set_string(&u->number, spec->number);
	u->policy = spec->policy;
	u->origin = spec->origin;
}

struct user_spec user_spec_of(const struct user *u)
{
	return (struct user_spec){ .aor = u->aor,
				   .display_name = u->display_name,
				   .password = u->password,
				   .number = u->number,
				   .policy = u->policy,
				   .origin = u->origin };
}

void user_free(struct user *u)
{
	strtab_remove(&u->core->users, u->aor);
	leave_domain(u->core, domain_of(u->aor));
	free(u->aor);
	free(u->display_name);
	free(u->password);
	free(u->number);
	free(u);
}

struct user *user_find(const struct core *c, const char *aor)
{
	char folded[URI_MAX_AOR + 1];
	struct user *u = aor ? strtab_get(&c->users, aor) : NULL;

	/* Most callers have the address as it is kept, which needs no parsing. */
	if (u || !aor || uri_aor(aor, folded, NULL) < 0)
		return u;
	return strtab_get(&c->users, folded);
}

struct user *user_next(const struct core *c, void **cursor)
{
	return strtab_next(&c->users, cursor);
}

bool user_password_is(const struct user *u, const char *password)
{
	const unsigned char *want = (const unsigned char *)(u->password ? u->password : "");
	const unsigned char *have = (const unsigned char *)password;
	size_t n_want = strlen((const char *)want), n_have = strlen(password);
	unsigned char differs = n_want != n_have || n_want == 0;

	for (size_t i = 0; i < n_have; i++)
		differs |= (unsigned char)(have[i] ^ want[n_want ? i % n_want : 0]);
	return !differs;
}

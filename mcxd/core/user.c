/*
 * User
 */
#include "mcxd/core/user.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/presence.h"
#include "proto/sip/uri.h"
#include "proto/text/display_name.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

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

/* aor is in lower case. */
static bool is_open_domain(const struct core *c, const char *aor)
{
	const char *open = c->config->open_domain;

	return open && *open && strcasecmp(domain_of(aor), open) == 0;
}

bool user_domain_is_ours(const struct core *c, const char *aor)
{
	return is_open_domain(c, aor) || strtab_get(&c->domains, domain_of(aor));
}

void user_apply_config(struct user *u)
{
	const struct core_config *config = u->core->config;

	u->endpoints.max = config->max_endpoints;
	u->sign_ins.max = config->max_phones;
	u->conversations.max = config->max_conversations;
}

/* Whether it is one that a user can have; it is in ret then. */
static bool read_aor(const char *s, char ret[URI_MAX_AOR + 1])
{
	return uri_aor(s, ret, NULL) >= 0 && utf8_is_text(ret, strlen(ret)) &&
	       !utf8_has_control(ret);
}

int user_add(struct core *c, const struct user_spec *spec, struct user **ret_user)
{
	char aor[URI_MAX_AOR + 1];
	struct user *u;

	if (!read_aor(spec->aor, aor))
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

/* ---- what a user is made of ---- */

static bool is_telephone_number(const char *s)
{
	const char *rest = s + (*s == '+');

	return strlen(s) <= USER_MAX_NUMBER && strpbrk(s, "0123456789") &&
	       strspn(rest, "0123456789 -.()") == strlen(rest);
}

const char *user_text_flaw(enum user_text what, const char *value)
{
	char aor[URI_MAX_AOR + 1];

	switch (what) {
	case USER_AOR:
		return read_aor(value, aor) ? NULL : "must be an address such as bob@lab.test";
	case USER_DISPLAY_NAME: return display_name_flaw(value);
	case USER_PASSWORD: return display_line_flaw(value);
	case USER_NUMBER:
		return *value && !is_telephone_number(value)
			       ? "must be a telephone number such as +1 555 0100"
			       : NULL;
	case N_USER_TEXTS: break;
	}
	return NULL;
}

static void count_added(struct user *u, int by)
{
	if (u->origin == USER_ADDED)
		metric_add(&u->core->metrics.added_users, by);
}

static void set_display_name(struct user *u, const struct user_spec *spec)
{
	const char *aor = spec->aor ? spec->aor : u->aor; /* as it was written, if it is told */
	char name[URI_MAX_USER + 1];

	if (spec->display_name)
		mem_set_string(&u->display_name, spec->display_name);
	else if (uri_user(aor, name, NULL) < 0 || display_name_flaw(name))
		mem_set_string(&u->display_name, u->aor);
	else
		mem_set_string(&u->display_name, name);
}

void user_set(struct user *u, const struct user_spec *spec)
{
	const char *password = user_password(u);
	bool same = password && spec->password && !strcmp(password, spec->password);

	if (spec->origin == USER_OPEN)
		u->credentials = u->core->open_credentials;
	else if (!same)
		u->credentials = ++u->core->last_credentials;
	set_display_name(u, spec);
	mem_set_string(&u->password, spec->password);
	mem_set_string(&u->number, spec->number);
	mem_set_string(&u->outside_number, spec->outside_number);
	u->policy = spec->policy;
	count_added(u, -1);
	u->origin = spec->origin;
	count_added(u, 1);
}

struct user_spec user_spec_of(const struct user *u)
{
	return (struct user_spec){ .aor = u->aor,
				   .display_name = u->display_name,
				   .password = user_password(u),
				   .number = u->number,
				   .outside_number = u->outside_number,
				   .policy = u->policy,
				   .origin = u->origin };
}

/* Visual separators say nothing (RFC 3966, 5.1.1). */
char *user_outside_voice(const struct user *u)
{
	struct text uri = TEXT_INIT;

	if (!u->outside_number || u->policy.no_outside_voice)
		return NULL;
	text_add(&uri, "tel:");
	for (const char *c = u->outside_number; *c; c++)
		if (strchr("+0123456789", *c))
			text_add_bytes(&uri, c, 1);
	return text_take(&uri);
}

void user_free(struct user *u)
{
	count_added(u, -1);
	list_remove(&u->of_resting);
	strtab_remove(&u->core->users, u->aor);
	leave_domain(u->core, domain_of(u->aor));
	free(u->aor);
	free(u->display_name);
	free(u->password);
	free(u->number);
	free(u->outside_number);
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

/* ---- open users ---- */

bool user_is_open(const struct core *c, const char *aor, bool is_local)
{
	char folded[URI_MAX_AOR + 1];

	return (is_local || c->config->open_password) && aor && read_aor(aor, folded) &&
	       is_open_domain(c, folded);
}

struct user *user_meet(struct core *c, const char *aor, bool is_local)
{
	struct user *u = user_find(c, aor);

	if (u || !user_is_open(c, aor, is_local))
		return u;
	if (user_add(
		    c,
		    &(struct user_spec){ .aor = aor,
					 .policy = { .enable_mobility = true, .enable_push = true },
					 .origin = USER_OPEN },
		    &u) != 0)
		return NULL;
	user_rest(u);
	return u;
}

static bool has_nothing(const struct user *u)
{
	const struct presence *p = &u->presence;

	return u->endpoints.used == 0 && u->conversations.used == 0 && !p->is_set && !p->note &&
	       !p->location && list_empty(&p->watchers) && !loop_timer_is_set(&p->idle);
}

static void on_rest(void *magic)
{
	struct core *c = magic;

	c->rest_post = 0;
	list_for_each_safe (node, &c->resting) {
		struct user *u = LIST_ENTRY(node, struct user, of_resting);

		list_remove(&u->of_resting);
		if (u->origin == USER_OPEN && has_nothing(u))
			user_free(u);
	}
}

void user_rest(struct user *u)
{
	struct core *c = u->core;

	if (u->origin != USER_OPEN || u->of_resting.next || c->freeing)
		return;
	list_append(&c->resting, &u->of_resting);
	if (!c->rest_post)
		c->rest_post = loop_post(c->loop, on_rest, c);
}

void user_renew_open(struct core *c)
{
	void *cursor = NULL;
	struct user *u;

	c->open_credentials = ++c->last_credentials;
	while ((u = user_next(c, &cursor)))
		if (u->origin == USER_OPEN)
			u->credentials = c->open_credentials;
}

const char *user_password(const struct user *u)
{
	return u->origin == USER_OPEN ? u->core->config->open_password : u->password;
}

bool user_password_is(const struct user *u, const char *password)
{
	const char *password_of_user = user_password(u);
	const unsigned char *want =
		(const unsigned char *)(password_of_user ? password_of_user : "");
	const unsigned char *have = (const unsigned char *)password;
	size_t n_want = strlen((const char *)want), n_have = strlen(password);
	unsigned char differs = n_want != n_have || n_want == 0;

	for (size_t i = 0; i < n_have; i++)
		differs |= (unsigned char)(have[i] ^ want[n_want ? i % n_want : 0]);
	return !differs;
}

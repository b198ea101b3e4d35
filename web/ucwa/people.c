/*
 * HTTPS API: people: search, contacts and groups
 */
#include "web/ucwa/people.h"

#include "mcxd/base/idtab.h"
#include "mcxd/core/core.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"
#include "mcxd/core/watch.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/people.h"
#include "proto/ucwa/resource.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/presence.h"
#include "web/ucwa/private.h"
#include "web/ucwa/request.h"
#include "web/ucwa/ucwa.h"

#include <strings.h>

/* search_ref: at most so many results, and a query of at most so many characters. */
enum { MAX_RESULTS = 100, MAX_QUERY = 256 };

static const struct {
	const char *rel, *id, *name;
} groups[] = {
	{ "defaultGroup", UCWA_DEFAULT_GROUP, "Other Contacts" },
};

struct hal *ucwa_people(struct hal *o, const struct ucwa_request *q)
{
	const char *path = q->app->path;

	hal_link(o, "self", path, "/people");
	hal_link(o, "presenceSubscriptions", path, "/people/presenceSubscriptions");
	hal_link(o, "subscribedContacts", path, "/people/subscribedContacts");
	hal_link(o, "presenceSubscriptionMemberships", path,
		 "/people/presenceSubscriptionMemberships");
	hal_link(o, "myGroups", path, "/people/groups");
	hal_link(o, "myContacts", path, "/people/contacts");
	hal_link(o, "myGroupMemberships", path, "/people/groupMemberships");
	hal_link(o, "myPrivacyRelationships", path, "/people/privacyRelationships");
	hal_link(o, "myContactsAndGroupsSubscription", path,
		 "/people/contactsAndGroupsSubscription");
	hal_link_revision(o, "search", path, "/people/search", "2");
	return hal_end(o, "people");
}

void ucwa_get_people(struct ucwa_request *q)
{
	ucwa_json(q, 200, ucwa_people(hal_new(), q));
}

/* ---- lists of users ---- */

void ucwa_users_deinit(struct ucwa_users *users)
{
	free(users->all);
}

static int by_aor(const void *a, const void *b)
{
	const struct user *const *one = a, *const *two = b;

	return strcmp((*one)->aor, (*two)->aor);
}

struct ucwa_users ucwa_users_select(const struct ucwa_request *q, ucwa_user_is_h *is)
{
	struct ucwa_users users = { .all = mem_zalloc(strtab_count(&q->u->core->users) *
						      sizeof(struct user *)) };
	const struct user *u;
	void *cursor = NULL;

	while ((u = user_next(q->u->core, &cursor)))
		if (is(q, u))
			users.all[users.n++] = u;
	qsort(users.all, users.n, sizeof(struct user *), by_aor);
	return users;
}

static bool is_other(const struct ucwa_request *q, const struct user *u)
{
	return u != q->user && u->origin != USER_OPEN;
}

struct ucwa_users ucwa_users_contacts(const struct ucwa_request *q)
{
	struct ucwa_users users = ucwa_users_select(q, is_other);
	size_t max = (size_t)q->u->config.max_contacts;

	if (users.n > max)
		users.n = max;
	return users;
}

static void add_contacts(struct hal *o, const struct ucwa_request *q,
			 const struct ucwa_users *users, size_t max)
{
	for (size_t i = 0; i < users->n && i < max; i++) {
		const struct ucwa_person p = ucwa_person_of(users->all[i]);

		hal_embed_append(o, "contact");
		ucwa_contact(o, q->app->path, &p);
		hal_close(o);
	}
	if (!users->n)
		hal_embed_none(o, "contact");
}

static void link_contacts(struct hal *o, const struct ucwa_request *q,
			  const struct ucwa_users *users)
{
	for (size_t i = 0; i < users->n; i++) {
		CLEANUP(text_deinit) struct text path = TEXT_INIT;

		ucwa_add_path_contact(&path, q->app->path, users->all[i]->aor);
		hal_link_append(o, "contact", text_str(&path));
	}
}

/* The parameter expand, which is true unless it says something else. */
static bool expands(const struct ucwa_request *q)
{
	const char *expand = http_query(q->r, "expand");

	return !expand || strcasecmp(expand, "false") != 0;
}

/* ---- search ---- */

static bool has(const char *text, const char *part)
{
	return text && strcasestr(text, part);
}

/* Name and address, which is also that of the mailbox; users have no telephone numbers here. */
static bool is_found(const struct ucwa_request *q, const struct user *u)
{
	const char *query = http_query(q->r, "query"), *mail = http_query(q->r, "mail");

	if (mail && strcasecmp(mail, u->aor) != 0)
		return false;
	if (!query)
		return true;
	if (!strncasecmp(query, "sip:", 4))
		query += 4;
	return has(u->aor, query) || has(u->display_name, query);
}

static bool check_query(struct ucwa_request *q, const char *name, const char *value)
{
	if (value && *value && utf8_count(value) <= MAX_QUERY)
		return true;
	ucwa_fail_parameter(q, name, "must have from 1 to %d characters.", MAX_QUERY);
	return false;
}

static void link_search(struct hal *o, const struct ucwa_request *q, int64_t limit)
{
	const char *query = http_query(q->r, "query"), *mail = http_query(q->r, "mail");
	CLEANUP(text_deinit) struct text below = TEXT_INIT;

	text_add(&below, "/people/search?limit=");
	text_add_signed(&below, limit);
	if (query) {
		text_add(&below, "&query=");
		percent_add_segment(&below, query);
	}
	if (mail) {
		text_add(&below, "&mail=");
		percent_add_segment(&below, mail);
	}
	hal_link_revision(o, "self", q->app->path, text_str(&below), "2");
}

void ucwa_search(struct ucwa_request *q)
{
	const char *query = http_query(q->r, "query"), *mail = http_query(q->r, "mail");
	CLEANUP(ucwa_users_deinit) struct ucwa_users found = { 0 };
	int64_t limit = MAX_RESULTS;
	struct hal *o;

	if (ucwa_number(q, "limit", 1, MAX_RESULTS, &limit) < 0 ||
	    (mail && !check_query(q, "mail", mail)) ||
	    ((query || !mail) && !check_query(q, "query", query)))
		return;
	found = ucwa_users_select(q, is_found);
	o = hal_new();
	hal_bool(o, "moreResultsAvailable", found.n > (size_t)limit);
	link_search(o, q, limit);
	add_contacts(o, q, &found, (size_t)limit);
	ucwa_json(q, 200, hal_end(o, "search"));
}

/* ---- contacts and groups ---- */

static void answer_contacts(struct ucwa_request *q, const char *rel, const char *below)
{
	CLEANUP(ucwa_users_deinit) struct ucwa_users users = ucwa_users_contacts(q);
	struct hal *o = hal_new();

	hal_link(o, "self", q->app->path, "/people/contacts", below);
	if (expands(q))
		add_contacts(o, q, &users, users.n);
	else
		link_contacts(o, q, &users);
	ucwa_json(q, 200, hal_end(o, rel));
}

void ucwa_get_contacts(struct ucwa_request *q)
{
	const char *group = http_query(q->r, "groupId");

	if (!group)
		answer_contacts(q, "myContacts", "");
	else if (!strcmp(group, UCWA_DEFAULT_GROUP))
		answer_contacts(q, "groupContacts", "?groupId=" UCWA_DEFAULT_GROUP);
	else
		ucwa_fail(q, DIAG_NOT_FOUND, "There is no group with this id.");
}

static struct hal *add_group(struct hal *o, const struct ucwa_request *q, size_t i)
{
	return ucwa_group(o, q->app->path, groups[i].rel, groups[i].id, groups[i].name);
}

void ucwa_get_groups(struct ucwa_request *q)
{
	struct hal *o = hal_new();
	bool expand = expands(q);

	hal_link(o, "self", q->app->path, "/people/groups");
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (!expand) {
			hal_link(o, groups[i].rel, q->app->path, "/people/groups/", groups[i].id);
			continue;
		}
		hal_embed(o, groups[i].rel);
		add_group(o, q, i);
		hal_close(o);
	}
	if (expand) {
		hal_embed_none(o, "group");
		hal_embed_none(o, "distributionGroup");
	}
	ucwa_json(q, 200, hal_end(o, "myGroups"));
}

void ucwa_get_group(struct ucwa_request *q)
{
	const char *id = http_param(q->r, "group");

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (!strcmp(groups[i].id, id)) {
			ucwa_json(q, 200, add_group(hal_new(), q, i));
			return;
		}
	ucwa_fail(q, DIAG_NOT_FOUND, "There is no group with this id.");
}

static bool is_watched(const struct ucwa_request *q, const struct user *u)
{
	return watch_has(q->phone, u);
}

void ucwa_get_subscribed_contacts(struct ucwa_request *q)
{
	CLEANUP(ucwa_users_deinit) struct ucwa_users users = ucwa_users_select(q, is_watched);
	struct hal *o = hal_new();

	hal_link(o, "self", q->app->path, "/people/subscribedContacts");
	add_contacts(o, q, &users, users.n);
	ucwa_json(q, 200, hal_end(o, "subscribedContacts"));
}

void ucwa_get_photo(struct ucwa_request *q)
{
	const char *aor = http_param(q->r, "aor");

	ucwa_fail(q, DIAG_NOT_FOUND,
		  !aor || user_find(q->u->core, aor) ? "The user has no photo."
						     : "There is no user with this address.");
}

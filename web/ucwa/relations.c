/*
 * HTTPS API: privacy relationships and group memberships
 */
#include "web/ucwa/relations.h"

#include "mcxd/core/contact_list.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/people.h"
#include "proto/ucwa/resource.h"
#include "proto/ucwa/watch_body.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/people.h"
#include "web/ucwa/private.h"
#include "web/ucwa/request.h"

#include <strings.h>

#define GROUP_PREFIX UCWA_DEFAULT_GROUP ","

#define CONTACT_LIST "/people/contactsAndGroupsSubscription"
#define MINUTE_MS    60000

/* ---- privacy ---- */

/* What contactPrivacyRelationship_ref has for a user who must not. */
void ucwa_put_privacy(struct ucwa_request *q)
{
	ucwa_fail(q, DIAG_FORBIDDEN,
		  "The user does not have privileges to update privacy relationships.");
}

/* The one level that is in use, with everybody in it. */
static struct hal *add_level(struct hal *o, const struct ucwa_request *q)
{
	CLEANUP(ucwa_users_deinit) struct ucwa_users users = ucwa_users_contacts(q);

	hal_string(o, "relationshipLevel", UCWA_PRIVACY_LEVEL);
	hal_link(o, "self", q->app->path, "/people/privacyRelationships/", UCWA_PRIVACY_LEVEL);
	for (size_t i = 0; i < users.n; i++) {
		CLEANUP(text_deinit) struct text path = TEXT_INIT;

		ucwa_add_path_contact(&path, q->app->path, users.all[i]->aor);
		hal_link_append(o, "contact", text_str(&path));
	}
	return hal_end(o, "myPrivacyRelationship");
}

void ucwa_get_privacies(struct ucwa_request *q)
{
	struct hal *o = hal_new();

	hal_link(o, "self", q->app->path, "/people/privacyRelationships");
	hal_embed_append(o, "myPrivacyRelationship");
	add_level(o, q);
	hal_close(o);
	ucwa_json(q, 200, hal_end(o, "myPrivacyRelationships"));
}

void ucwa_get_privacy_level(struct ucwa_request *q)
{
	if (!strcasecmp(http_param(q->r, "level"), UCWA_PRIVACY_LEVEL))
		ucwa_json(q, 200, add_level(hal_new(), q));
	else
		ucwa_fail(q, DIAG_NOT_FOUND, "No contact has this privacy relationship.");
}

/* ---- group memberships ---- */

void ucwa_get_group_memberships(struct ucwa_request *q)
{
	const char *group = http_query(q->r, "groupId");
	CLEANUP(ucwa_users_deinit) struct ucwa_users users = { 0 };
	struct hal *o;

	if (group && strcmp(group, UCWA_DEFAULT_GROUP) != 0) {
		ucwa_fail(q, DIAG_NOT_FOUND, "There is no group with this id.");
		return;
	}
	users = ucwa_users_contacts(q);
	o = hal_new();
	hal_link(o, "self", q->app->path, "/people/groupMemberships",
		 group ? "?groupId=" UCWA_DEFAULT_GROUP : "");
	for (size_t i = 0; i < users.n; i++) {
		hal_embed_append(o, "myGroupMembership");
		ucwa_group_membership(o, q->app->path, UCWA_DEFAULT_GROUP, users.all[i]->aor);
		hal_close(o);
	}
	if (!users.n)
		hal_embed_none(o, "myGroupMembership");
	ucwa_json(q, 200, hal_end(o, "myGroupMemberships"));
}

/* The last segment of the path, "default,alice@lab.test". */
static const struct user *get_member(struct ucwa_request *q)
{
	const char *id = http_param(q->r, "membership");
	size_t n = strlen(GROUP_PREFIX);
	const struct user *u =
		strncmp(id, GROUP_PREFIX, n) != 0 ? NULL : user_find(q->u->core, id + n);

	if (u && u != q->user)
		return u;
	ucwa_fail(q, DIAG_NOT_FOUND, "There is no membership with this id.");
	return NULL;
}

void ucwa_get_group_membership(struct ucwa_request *q)
{
	const struct user *u = get_member(q);

	if (u)
		ucwa_json(
			q, 200,
			ucwa_group_membership(hal_new(), q->app->path, UCWA_DEFAULT_GROUP, u->aor));
}

static void fail_to_change(struct ucwa_request *q)
{
	ucwa_fail(q, DIAG_FORBIDDEN,
		  "The user does not have privileges to modify the contact list: it has all users "
		  "of this server.");
}

void ucwa_post_group(struct ucwa_request *q)
{
	fail_to_change(q);
}

void ucwa_post_group_membership(struct ucwa_request *q)
{
	fail_to_change(q);
}

void ucwa_delete_group_membership(struct ucwa_request *q)
{
	if (get_member(q))
		fail_to_change(q);
}

/* ---- the list of contacts ---- */

static void answer_contact_list(struct ucwa_request *q, int status)
{
	bool subscribed = contact_list_is_subscribed(q->phone);
	struct hal *o = hal_new();

	hal_string(o, "state", subscribed ? "Connected" : "Disconnected");
	hal_link(o, "self", q->app->path, CONTACT_LIST);
	hal_link(o, "startOrRefreshSubscriptionToContactsAndGroups", q->app->path,
		 CONTACT_LIST "/start");
	if (subscribed)
		hal_link(o, "stopSubscriptionToContactsAndGroups", q->app->path,
			 CONTACT_LIST "/stop");
	ucwa_json(q, status, hal_end(o, "myContactsAndGroupsSubscription"));
}

void ucwa_get_contact_list(struct ucwa_request *q)
{
	answer_contact_list(q, 200);
}

void ucwa_subscribe_contact_list(struct ucwa_request *q)
{
	CLEANUP(ucwa_watch_body_deinit) struct ucwa_watch_body body = { 0 };
	struct ucwa_problem problem;
	int64_t ms;

	if (ucwa_watch_body_decode(q->body, q->n_body, &body, &problem) < 0) {
		ucwa_fail_body(q, &problem);
		return;
	}
	ms = body.duration_min * MINUTE_MS;
	if (ms < CONTACT_LIST_MIN_MS || ms > CONTACT_LIST_MAX_MS) {
		ucwa_fail_parameter(q, "duration", "must be a number of minutes from %d to %d.",
				    (int)(CONTACT_LIST_MIN_MS / MINUTE_MS),
				    (int)(CONTACT_LIST_MAX_MS / MINUTE_MS));
		return;
	}
	contact_list_subscribe(q->phone, ms);
	answer_contact_list(q, 201);
}

void ucwa_unsubscribe_contact_list(struct ucwa_request *q)
{
	contact_list_unsubscribe(q->phone);
	ucwa_no_content(q);
}

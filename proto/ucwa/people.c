/*
 * UCWA resources of people
 */
#include "proto/ucwa/people.h"

#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/resource.h"

/* ---- contacts ---- */

static void link_contact(struct hal *o, const char *rel, const char *app, const char *aor,
			 const char *below)
{
	struct text *href = hal_begin_link(o, rel);

	ucwa_add_path_contact(href, app, aor);
	text_add(href, below);
	hal_end_link(o, NULL);
}

struct hal *ucwa_contact(struct hal *o, const char *app, const struct ucwa_person *p)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT;

	uri_add_aor(&uri, p->aor);
	hal_string(o, "name", p->name ? p->name : p->aor);
	hal_string(o, "uri", text_str(&uri));
	hal_strings(o, "emailAddresses", (const char *const[]){ p->aor, NULL });
	hal_string(o, "workPhoneNumber", p->number);
	hal_string(o, "sourceNetwork", p->stranger ? "Federated" : "SameEnterprise");
	hal_string(o, "type", "User");
	link_contact(o, "self", app, p->aor, "");
	ucwa_add_path_photo(hal_begin_link(o, "contactPhoto"), app, p->aor);
	hal_end_link(o, NULL);
	link_contact(o, "contactPresence", app, p->aor, "/presence");
	link_contact(o, "contactLocation", app, p->aor, "/location");
	link_contact(o, "contactNote", app, p->aor, "/note");
	link_contact(o, "contactSupportedModalities", app, p->aor, "/supportedMedia");
	link_contact(o, "contactPrivacyRelationship", app, p->aor, "/privacyRelationship");
	return hal_end_tagged(o, "contact");
}

struct hal *ucwa_contact_presence(struct hal *o, const char *app, const struct ucwa_person *p)
{
	hal_string(o, "availability", p->availability);
	hal_string(o, "activity", p->activity);
	hal_string(o, "deviceType", p->device);
	if (p->active_wall_us)
		hal_date(o, "lastActive", p->active_wall_us);
	link_contact(o, "self", app, p->aor, "/presence");
	return hal_end(o, "contactPresence");
}

static void add_note(struct hal *o, const struct ucwa_person *p)
{
	hal_string(o, "message", p->note ? p->note : "");
	hal_string(o, "type", "Personal");
}

struct hal *ucwa_contact_note(struct hal *o, const char *app, const struct ucwa_person *p)
{
	add_note(o, p);
	link_contact(o, "self", app, p->aor, "/note");
	return hal_end(o, "contactNote");
}

struct hal *ucwa_contact_location(struct hal *o, const char *app, const struct ucwa_person *p)
{
	hal_string(o, "location", p->location ? p->location : "");
	link_contact(o, "self", app, p->aor, "/location");
	return hal_end(o, "contactLocation");
}

struct hal *ucwa_contact_modalities(struct hal *o, const char *app, const struct ucwa_person *p)
{
	static const char *const messaging[] = { "Messaging", NULL };
	static const char *const none[] = { NULL };

	hal_strings(o, "modalities", p->messaging ? messaging : none);
	link_contact(o, "self", app, p->aor, "/supportedMedia");
	return hal_end(o, "contactSupportedModalities");
}

/* ---- the user ---- */

struct hal *ucwa_presence(struct hal *o, const char *app, const struct ucwa_person *p)
{
	hal_string(o, "availability", p->availability);
	hal_string(o, "activity", p->activity);
	hal_link(o, "self", app, "/me/presence");
	return hal_end(o, "presence");
}

struct hal *ucwa_note(struct hal *o, const char *app, const struct ucwa_person *p)
{
	add_note(o, p);
	hal_link(o, "self", app, "/me/note");
	return hal_end(o, "note");
}

struct hal *ucwa_location(struct hal *o, const char *app, const struct ucwa_person *p)
{
	hal_string(o, "location", p->location ? p->location : "");
	hal_link(o, "self", app, "/me/location");
	return hal_end(o, "location");
}

/* ---- subscriptions and groups ---- */

struct hal *ucwa_presence_subscription(struct hal *o, const char *app, const char *id)
{
	static const char memberships[] =
		"/people/presenceSubscriptionMemberships?presenceSubscriptionId=";

	hal_string(o, "id", id);
	hal_link(o, "self", app, "/people/presenceSubscriptions/", id);
	hal_link(o, "memberships", app, memberships, id);
	hal_link(o, "addToPresenceSubscription", app, memberships, id);
	return hal_end(o, "presenceSubscription");
}

struct hal *ucwa_membership(struct hal *o, const char *app, const char *id, const char *aor)
{
	struct text *href = hal_begin_link(o, "self");

	text_add_all(href, app, "/people/presenceSubscriptionMemberships/", id, ",");
	percent_add_segment(href, aor);
	hal_end_link(o, NULL);
	link_contact(o, "contact", app, aor, "");
	hal_link(o, "presenceSubscription", app, "/people/presenceSubscriptions/", id);
	return hal_end(o, "presenceSubscriptionMembership");
}

struct hal *ucwa_group(struct hal *o, const char *app, const char *rel, const char *id,
		       const char *name)
{
	hal_string(o, "id", id);
	hal_string(o, "name", name);
	hal_link(o, "self", app, "/people/groups/", id);
	hal_link(o, "groupContacts", app, "/people/contacts?groupId=", id);
	hal_link(o, "subscribeToGroupPresence", app, "/people/presenceSubscriptions?groupId=", id);
	return hal_end(o, rel);
}

/* ---- relations ---- */

struct hal *ucwa_privacy(struct hal *o, const char *app, const struct ucwa_person *p)
{
	hal_string(o, "relationshipLevel", p->stranger ? "External" : UCWA_PRIVACY_LEVEL);
	link_contact(o, "self", app, p->aor, "/privacyRelationship");
	return hal_end(o, "contactPrivacyRelationship");
}

struct hal *ucwa_group_membership(struct hal *o, const char *app, const char *group,
				  const char *aor)
{
	struct text *href = hal_begin_link(o, "self");

	text_add_all(href, app, "/people/groupMemberships/", group, ",");
	percent_add_segment(href, aor);
	hal_end_link(o, NULL);
	link_contact(o, "contact", app, aor, "");
	hal_link(o, "defaultGroup", app, "/people/groups/", group);
	return hal_end(o, "myGroupMembership");
}

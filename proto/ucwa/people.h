/*
 * UCWA resources of people
 *
 * Contacts, and what is known of their presence and of the user's own. Each function adds a resource to an object and
 * returns the object. app: the path of the application.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define UCWA_DEFAULT_GROUP "default"

struct hal;

struct ucwa_person {
	const char *aor;
	const char *name;         /* may be NULL */
	const char *number;       /* telephone number; may be NULL */
	const char *availability; /* "Online" */
	const char *activity;     /* "off-work"; may be NULL */
	const char *device;       /* "Mobile" */
	const char *note;         /* NULL: none */
	const char *location;     /* NULL: none */
	int64_t active_wall_us;   /* 0: never seen */
	bool messaging;           /* can be sent messages */
	bool stranger;            /* no user of this server */
};

/** What of a contact or of the user is asked for, as the last segment of its path has it. */
typedef struct hal *ucwa_person_h(struct hal *o, const char *app, const struct ucwa_person *p);

ucwa_person_h ucwa_contact, ucwa_contact_presence, ucwa_contact_note, ucwa_contact_location,
	ucwa_contact_modalities, ucwa_privacy;
/** Of the user. */
ucwa_person_h ucwa_presence, ucwa_note, ucwa_location;

struct hal *ucwa_presence_subscription(struct hal *o, const char *app, const char *id);
/** presenceSubscriptionMembership: of the contact aor in the subscription id. */
struct hal *ucwa_membership(struct hal *o, const char *app, const char *id, const char *aor);

/** The privacy relationship that all users of a server have to each other. */
#define UCWA_PRIVACY_LEVEL "Colleagues"

/** myGroupMembership: of the contact aor in the default group, which has this id. */
struct hal *ucwa_group_membership(struct hal *o, const char *app, const char *group,
				  const char *aor);

/** A group of contacts. rel: "defaultGroup". */
struct hal *ucwa_group(struct hal *o, const char *app, const char *rel, const char *id,
		       const char *name);

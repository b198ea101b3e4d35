/*
 * HTTPS API: people: search, contacts and groups
 *
 * The users of the server are everybody's contacts, all in the default group.
 */
#pragma once

#include "web/ucwa/operation.h"

struct hal;
struct ucwa_request;

ucwa_h ucwa_get_people, ucwa_search, ucwa_get_contacts, ucwa_get_groups, ucwa_get_group,
	ucwa_get_subscribed_contacts, ucwa_get_photo;

#define UCWA_DEFAULT_GROUP "default"

/** Add the resource to an object, and return it. */
struct hal *ucwa_people(struct hal *o, const struct ucwa_request *q);

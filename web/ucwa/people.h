/*
 * HTTPS API: people: search, contacts and groups
 *
 * The users of the server are everybody's contacts, all in the default group.
 */
#pragma once

#include "web/ucwa/operation.h"

#include <stdbool.h>
#include <stddef.h>

struct hal;
struct ucwa_request;
struct user;

ucwa_h ucwa_get_people, ucwa_search, ucwa_get_contacts, ucwa_get_groups, ucwa_get_group,
	ucwa_get_subscribed_contacts, ucwa_get_photo;

/** Add the resource to an object, and return it. */
struct hal *ucwa_people(struct hal *o, const struct ucwa_request *q);

struct ucwa_users {
	const struct user **all; /* by their addresses */
	size_t n;
};

typedef bool ucwa_user_is_h(const struct ucwa_request *q, const struct user *u);

/** Those of whom is() is true; ucwa_users_deinit() the list. */
struct ucwa_users ucwa_users_select(const struct ucwa_request *q, ucwa_user_is_h *is);
/** The contacts of the user who asks, of which there are at most as many as the settings allow. */
struct ucwa_users ucwa_users_contacts(const struct ucwa_request *q);
void ucwa_users_deinit(struct ucwa_users *users);

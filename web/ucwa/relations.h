/*
 * HTTPS API: how contacts are related to the user: privacy relationships, group memberships, and the subscription to
 * the list of contacts
 *
 * All users of the server are in the default group and are colleagues; nobody can change that.
 */
#pragma once

#include "web/ucwa/operation.h"

ucwa_h ucwa_put_privacy, ucwa_get_privacies, ucwa_get_privacy_level;
ucwa_h ucwa_get_group_memberships, ucwa_post_group, ucwa_post_group_membership,
	ucwa_get_group_membership, ucwa_delete_group_membership;
ucwa_h ucwa_get_contact_list, ucwa_subscribe_contact_list, ucwa_unsubscribe_contact_list;

/*
 * HTTPS API: presence, note and location, of the user and of contacts
 */
#pragma once

#include "web/ucwa/operation.h"

struct ucwa_person;
struct ucwa_request;
struct user;

ucwa_h ucwa_get_presence, ucwa_post_presence, ucwa_get_note, ucwa_post_note, ucwa_get_location,
	ucwa_post_location, ucwa_get_contact, ucwa_get_contact_presence, ucwa_get_contact_note,
	ucwa_get_contact_location, ucwa_get_contact_modalities, ucwa_get_privacy;

/** A user as UCWA shows it. The strings are the user's own. */
struct ucwa_person ucwa_person_of(const struct user *u);

/*
 * HTTPS API: applications: sign in, sign out
 */
#pragma once

#include "web/ucwa/operation.h"

struct ucwa;

ucwa_h ucwa_get_applications, ucwa_post_applications, ucwa_get_application, ucwa_delete_application;

/** Forget the sign-ins that are under way. */
void ucwa_sign_ins_free(struct ucwa *u);

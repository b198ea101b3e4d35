/*
 * HTTPS API: me, policies, onlineMeetings
 */
#pragma once

#include "web/ucwa/operation.h"

struct hal;
struct ucwa_request;

ucwa_h ucwa_get_me, ucwa_make_me_available, ucwa_report_my_activity, ucwa_get_online_meetings;
ucwa_h ucwa_get_policies, ucwa_report_my_network;

/* Add the resource to an object; they return it. */
struct hal *ucwa_me(struct hal *o, const struct ucwa_request *q);
struct hal *ucwa_online_meetings(struct hal *o, const struct ucwa_request *q);

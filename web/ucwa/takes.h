/*
 * HTTPS API: communication itself: which invitations and formats the application takes
 */
#pragma once

#include "web/ucwa/operation.h"

struct hal;
struct ucwa_request;
struct ucwa_takes;

ucwa_h ucwa_get_communication, ucwa_put_communication;

/** What the application takes. The strings are the phone's. */
struct ucwa_takes ucwa_takes_of(const struct ucwa_request *q);
/** Add the resource to an object, and return it. */
struct hal *ucwa_add_communication(struct hal *o, const struct ucwa_request *q);

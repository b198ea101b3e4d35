/*
 * HTTPS API: communication itself: which invitations and formats the application takes
 */
#pragma once

#include "web/ucwa/operation.h"

#include <stdbool.h>

struct hal;
struct ucwa_request;
struct ucwa_takes;

ucwa_h ucwa_get_communication, ucwa_put_communication;

/** What the application takes. The strings are the phone's. */
struct ucwa_takes ucwa_takes_of(const struct ucwa_request *q);
/** Whether it may send a message of this type: HTML is for applications that can show it ("negotiatedMessageFormats").
 *  False: 415 has been answered. */
bool ucwa_check_format(struct ucwa_request *q, const char *type);
/** Add the resource to an object, and return it. */
struct hal *ucwa_add_communication(struct hal *o, const struct ucwa_request *q);

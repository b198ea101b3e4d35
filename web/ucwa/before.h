/*
 * HTTPS API: what is checked before a handler runs
 */
#pragma once

#include <stdbool.h>

struct ucwa_request;

/** Check token, application, number and body type as the operation wants them, and fill in what they
 *  say. False: it has been answered with the error. */
bool ucwa_before(struct ucwa_request *q);

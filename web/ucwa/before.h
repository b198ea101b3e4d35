/*
 * HTTPS API: what is checked before a handler runs
 */
#pragma once

#include <stdbool.h>

struct http_request;
struct ucwa_listener;
struct ucwa_request;

/** Check whether the listener serves this request at all, and whether the page that makes it may. False: it has been
 *  answered. */
bool ucwa_admit(const struct ucwa_listener *l, struct http_request *r);

/** Check token, application, number and body type as the operation wants them, and fill in what they
 *  say. False: it has been answered with the error. */
bool ucwa_before(struct ucwa_request *q);

/** Say in the answer which revision of the resource is served; 1 where there is no resource. */
void ucwa_mark_version(struct http_request *r);

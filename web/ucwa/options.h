/*
 * HTTPS API: OPTIONS
 */
#pragma once

#include <stdbool.h>

struct http_request;

/** Answer with what the resource takes: its methods, their parameters, and the values that these can have, as
 *  applications_ref has it. False: the path is none of an application's, and nothing was answered. */
bool ucwa_answer_options(struct http_request *r);

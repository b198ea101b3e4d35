/*
 * mcxctl: output
 */
#pragma once

#include "proto/text/mem.h"

#include <json-c/json.h>

/** Print a line on standard output. Control characters, direction marks and invalid UTF-8, which could
 *  play tricks on a terminal, are replaced. */
void ctl_print(const char *fmt, ...) PRINTF_LIKE(1, 2);

/** The same on standard error, after "mcxctl: ". */
void ctl_complain(const char *fmt, ...) PRINTF_LIKE(1, 2);

/** Print on standard output as one line, and flush. */
void ctl_print_json(struct json_object *o);

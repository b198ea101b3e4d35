/*
 * HTTPS API: conversation logs
 */
#pragma once

#include "web/ucwa/operation.h"

ucwa_h ucwa_get_missed_items, ucwa_get_logs, ucwa_get_log, ucwa_delete_log, ucwa_mark_as_read;

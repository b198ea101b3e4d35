/*
 * Clock
 */
#pragma once

#include <sofia-sip/su_time.h>

#include <stdbool.h>
#include <stdint.h>

struct loop;

/** Have sofia's clock follow this loop's; NULL: the machine's. */
void clock_follow(const struct loop *l);
bool clock_is_followed(void);

/** What sofia's clock shows at this lab time (loop_now_ms). */
su_time_t clock_time(int64_t lab_ms);

/** Have sofia take this lab time (loop_now_ms) for the present, if that is later, until clock_go_on(). */
void clock_stop_at(int64_t lab_ms);
void clock_go_on(void);

/*
 * Clock
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct loop;

/** Have sofia's clock follow this loop's; NULL: the machine's. */
void clock_follow(const struct loop *l);
bool clock_is_followed(void);

/** Have sofia take this lab time (loop_now_ms) for the present, if that is later, until clock_go_on(). */
void clock_stop_at(int64_t lab_ms);
void clock_go_on(void);

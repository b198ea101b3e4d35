/*
 * Times
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** Sort them, and print the milliseconds that half and all but a hundredth of them stay within, and the most:
 *  "p50":0.10,"p99":0.50,"max":1.00 */
void times_print(int32_t *us, size_t n);

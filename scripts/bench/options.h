/*
 * Options
 *
 * OPTIONS over UDP at an even rate, whether or not they are answered.
 */
#pragma once

/** Send rate OPTIONS a second for so many seconds, wait a second for what is still under way, and print {"sent":n,
 *  "answered":n,"p50":ms,"p99":ms,"max":ms}: the times from the request to its answer. */
void options_run(const char *address, unsigned long rate, unsigned long seconds);

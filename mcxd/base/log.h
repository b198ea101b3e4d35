/*
 * Log
 *
 * Lines for people, or one JSON object per line, on standard error. A line has a level, a category (the folder of
 * the file that logs) and often an object with its state, as in "conv(17){ALERTING}". An error is logged once,
 * by the function that decides what follows from it; the others return it.
 *
 * The members of a JSON line are time, level, room (the category), name and state (of the object, if there is one), and message.
 */
#pragma once

#include "proto/text/mem.h"

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, N_LOG_LEVELS };

extern const char *const log_level_names[N_LOG_LEVELS + 1]; /* NULL is the last */

enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON, N_LOG_FORMATS };

extern const char *const log_format_names[N_LOG_FORMATS + 1]; /* NULL is the last */

/** Set the level ("info"), with exceptions by category ("info,sip=debug"). Returns 0, or -EINVAL and leaves
 *  everything as it was. */
int log_set_levels(const char *text);

/** As a setting names it: the format, or -EINVAL. */
int log_parse_format(const char *name);
void log_set_format(enum log_format format);

/** Set the clock for the time stamps, in microseconds since 1970; NULL is the machine's. */
void log_set_clock(int64_t (*wall_us)(const void *magic), const void *magic);

/** Write to this descriptor instead of standard error. */
void log_set_fd(int fd);

bool log_enabled(enum log_level level, const char *category);
void log_write(enum log_level level, const char *category, const char *object, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/** Of a line that outsiders can cause as often as they like. Zeroed is ready. */
struct log_throttle {
	int64_t quiet_until_ms;
	int64_t n_left_out;
};

enum { LOG_THROTTLE_MS = 10000 };

/** Whether such a line may be written: one in LOG_THROTTLE_MS. *ret_n_left_out: how many were not since the last one. now_ms: of
 *  any clock, but always the same. */
bool log_throttle_passes(struct log_throttle *t, int64_t now_ms, int64_t *ret_n_left_out);

enum { LOG_LEFT_OUT_SIZE = 64 };

/** What to append to such a line: " (and 3 more since this was last said)", or nothing if none was left out. Returns ret. */
const char *log_left_out(int64_t n_left_out, char ret[LOG_LEFT_OUT_SIZE]);

/* category: a string constant; object: may be NULL. */
#define log_at(level, category, object, ...)                                                       \
	do {                                                                                       \
		if (log_enabled(level, category))                                                  \
			log_write(level, category, object, __VA_ARGS__);                           \
	} while (0)
#define log_error(category, object, ...) log_at(LOG_ERROR, category, object, __VA_ARGS__)
#define log_warn(category, object, ...)  log_at(LOG_WARN, category, object, __VA_ARGS__)
#define log_info(category, object, ...)  log_at(LOG_INFO, category, object, __VA_ARGS__)
#define log_debug(category, object, ...) log_at(LOG_DEBUG, category, object, __VA_ARGS__)

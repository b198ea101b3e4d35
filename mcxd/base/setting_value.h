/*
 * Settings: values
 *
 * How the values of the types are written. For setting.c, and for files that hold other things than settings.
 */
#pragma once

#include "mcxd/base/setting.h"
#include "proto/text/text.h"

/** Append the values that it can have, as "1s to 1d"; nothing for a string or a map. */
void setting_add_range(const struct setting *row, struct text *out);

/** Append the value of a row other than a map as one would write it. */
void setting_add_value(const struct setting *row, const void *object, struct text *out);

/** Check a value of a string or a map. Returns 0, or -EINVAL with the reason in why. */
int setting_value_check(const struct setting *row, const char *value, struct text *why);

/** Read a value and put it where the row says. Returns 0, or -EINVAL with the reason in why and the old value
 *  still in place. */
int setting_value_set(const struct setting *row, void *object, const char *value, struct text *why);

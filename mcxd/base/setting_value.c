/*
 * Settings: values
 */
#include "mcxd/base/setting_value.h"

#include "mcxd/base/setting.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <inttypes.h>

struct unit {
	const char *name;
	int64_t factor;
};

/* Smallest first. */
static const struct unit durations[] = {
	{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 },
};
static const struct unit sizes[] = {
	{ "", 1 },
	{ "k", 1 << 10 },
	{ "M", 1 << 20 },
	{ "G", 1 << 30 },
};

static void *slot(const struct setting *row, void *object)
{
	return (char *)object + row->offset;
}

static const void *const_slot(const struct setting *row, const void *object)
{
	return (const char *)object + row->offset;
}

static const struct unit *find_unit(const struct unit *units, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(units[i].name, name) == 0)
			return &units[i];
	return NULL;
}

/* A decimal number with nothing before it; ret_rest is what follows it. */
static int read_number(const char *s, int64_t *ret, const char **ret_rest)
{
	char *rest;
	long long number;

	if (!chars_is_digit(s[*s == '-']))
		return -EINVAL;
	errno = 0;
	number = strtoll(s, &rest, 10);
	if (errno == ERANGE)
		return -ERANGE;
	*ret = number;
	*ret_rest = rest + strspn(rest, " ");
	return 0;
}

static int read_duration_ms(const struct setting *row, const char *s, int64_t *ret)
{
	const char *rest = "";
	const struct unit *unit;
	int err = read_number(s, ret, &rest);

	if (err)
		return err;
	if (!*rest)
		rest = row->unit ? row->unit : "s";
	unit = find_unit(durations, ARRAY_SIZE(durations), rest);
	if (!unit)
		return -EINVAL;
	return __builtin_mul_overflow(*ret, unit->factor, ret) ? -ERANGE : 0;
}

static int read_bytes(const char *s, int64_t *ret)
{
	const char *rest = "";
	const struct unit *unit;
	int err = read_number(s, ret, &rest);

	if (err)
		return err;
	unit = find_unit(sizes, ARRAY_SIZE(sizes), rest);
	if (!unit)
		return -EINVAL;
	return __builtin_mul_overflow(*ret, unit->factor, ret) ? -ERANGE : 0;
}

static int read_seconds(const struct setting *row, const char *s, int64_t *ret)
{
	int err = read_duration_ms(row, s, ret);

	if (err)
		return err;
	if (*ret % 1000)
		return -EINVAL;
	*ret /= 1000;
	return 0;
}

static int read_int(const char *s, int64_t *ret)
{
	const char *rest = "";
	int err = read_number(s, ret, &rest);

	return !err && *rest ? -EINVAL : err;
}

static int read_bool(const char *s, int64_t *ret)
{
	static const char *const words[2][4] = { { "no", "false", "off", "0" },
						 { "yes", "true", "on", "1" } };

	for (int value = 0; value < 2; value++)
		for (size_t i = 0; i < ARRAY_SIZE(words[value]); i++)
			if (strcasecmp(words[value][i], s) == 0) {
				*ret = value;
				return 0;
			}
	return -EINVAL;
}

static const char *expected(enum setting_type type)
{
	switch (type) {
	case SETTING_BOOL: return "yes or no";
	case SETTING_INT: return "a whole number";
	case SETTING_MS: return "a time such as 500ms, 60s, 10m, 8h or 3d";
	case SETTING_SECONDS: return "a time in whole seconds such as 60s, 10m, 8h or 3d";
	case SETTING_BYTES: return "a number of bytes such as 4096, 64k or 16M";
	case SETTING_STRING:
	case SETTING_MAP:
	default: return "a string";
	}
}

static int read_value(const struct setting *row, const char *s, int64_t *ret)
{
	switch (row->type) {
	case SETTING_BOOL: return read_bool(s, ret);
	case SETTING_INT: return read_int(s, ret);
	case SETTING_MS: return read_duration_ms(row, s, ret);
	case SETTING_SECONDS: return read_seconds(row, s, ret);
	case SETTING_BYTES: return read_bytes(s, ret);
	case SETTING_STRING:
	case SETTING_MAP:
	default: return -EINVAL;
	}
}

static bool is_bounded(const struct setting *row)
{
	return row->min != 0 || row->max != 0;
}

static bool is_in_bounds(const struct setting *row, int64_t value)
{
	return !is_bounded(row) || (value >= row->min && value <= row->max);
}

static void add_duration(int64_t ms, struct text *out)
{
	size_t i = ms ? ARRAY_SIZE(durations) - 1 : 0;

	while (i > 0 && ms % durations[i].factor != 0)
		i--;
	text_addf(out, "%" PRId64 "%s", ms / durations[i].factor, durations[i].name);
}

static void add_bytes(int64_t n, struct text *out)
{
	size_t i = n ? ARRAY_SIZE(sizes) - 1 : 0;

	while (i > 0 && n % sizes[i].factor != 0)
		i--;
	text_addf(out, "%" PRId64 "%s", n / sizes[i].factor, sizes[i].name);
}

static void add_number(const struct setting *row, int64_t value, struct text *out)
{
	switch (row->type) {
	case SETTING_MS: add_duration(value, out); break;
	case SETTING_SECONDS: add_duration(value * 1000, out); break;
	case SETTING_BYTES: add_bytes(value, out); break;
	case SETTING_BOOL: text_add(out, value ? "yes" : "no"); break;
	case SETTING_INT:
	case SETTING_STRING:
	case SETTING_MAP:
	default: text_addf(out, "%" PRId64, value); break;
	}
}

static void add_range(const struct setting *row, struct text *out)
{
	add_number(row, row->min, out);
	if (row->max == INT64_MAX) {
		text_add(out, " or more");
		return;
	}
	text_add(out, " to ");
	add_number(row, row->max, out);
}

void setting_add_range(const struct setting *row, struct text *out)
{
	if (row->type == SETTING_BOOL)
		text_add(out, "yes, no");
	else if (is_bounded(row) && row->type != SETTING_STRING && row->type != SETTING_MAP)
		add_range(row, out);
}

static void explain_bounds(const struct setting *row, const char *what, struct text *why)
{
	text_add(why, what);
	add_range(row, why);
}

int setting_value_check(const struct setting *row, const char *value, struct text *why)
{
	size_t n_why = why->n;

	if (chars_have_control(value, strlen(value)))
		text_add(why, "must not contain control characters");
	else if (!is_in_bounds(row, (int64_t)strlen(value)))
		explain_bounds(row, "its length must be ", why);
	else if (row->check)
		row->check(value, why);
	return why->n > n_why ? -EINVAL : 0;
}

int setting_value_set(const struct setting *row, void *object, const char *value, struct text *why)
{
	int64_t number = 0;
	int err;

	if (row->type == SETTING_STRING) {
		err = setting_value_check(row, value, why);
		if (!err)
			mem_set_string(slot(row, object), value);
		return err;
	}
	err = read_value(row, value, &number);
	if (err && err != -ERANGE) {
		text_addf(why, "\"%s\" is not %s", value, expected(row->type));
		return -EINVAL;
	}
	if (err || !is_in_bounds(row, number)) {
		if (is_bounded(row))
			explain_bounds(row, "must be ", why);
		else
			text_add(why, "the number is too large");
		return -EINVAL;
	}
	if (row->type == SETTING_BOOL)
		*(bool *)slot(row, object) = number != 0;
	else
		*(int64_t *)slot(row, object) = number;
	return 0;
}

/* A value equal to the default is written like it, because people know it as 60s and not as 1m. */
static bool add_default(const struct setting *row, int64_t number, struct text *out)
{
	int64_t def = 0;

	if (read_value(row, row->def ? row->def : "", &def) || def != number)
		return false;
	text_add(out, row->def);
	return true;
}

void setting_add_value(const struct setting *row, const void *object, struct text *out)
{
	int64_t number;

	if (row->type == SETTING_STRING) {
		text_add(out, *(const char *const *)const_slot(row, object));
		return;
	}
	number = row->type == SETTING_BOOL ? *(const bool *)const_slot(row, object)
					   : *(const int64_t *)const_slot(row, object);
	if (!add_default(row, number, out))
		add_number(row, number, out);
}

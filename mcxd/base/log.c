/*
 * Log
 */
#include "mcxd/base/log.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"
#include "proto/text/utf8.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#define MAX_CATEGORIES 16
#define MAX_NAME       16

struct log_spec {
	enum log_level level;
	enum log_level
		highest; /* of all levels here: rejects most debug lines with one comparison */
	size_t n_categories;
	struct {
		char name[MAX_NAME];
		enum log_level level;
	} categories[MAX_CATEGORIES];
};

static struct {
	struct log_spec spec;
	enum log_format format;
	int fd;
	int64_t (*wall_us)(const void *magic);
	const void *magic;
} the_log = { .spec = { .level = LOG_INFO, .highest = LOG_INFO }, .fd = STDERR_FILENO };

const char *const log_level_names[N_LOG_LEVELS + 1] = {
	[LOG_ERROR] = "error",
	[LOG_WARN] = "warn",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

const char *const log_format_names[N_LOG_FORMATS + 1] = {
	[LOG_FORMAT_TEXT] = "text",
	[LOG_FORMAT_JSON] = "json",
};

static int parse_level(const char *name, enum log_level *ret)
{
	for (int i = 0; i < N_LOG_LEVELS; i++)
		if (strcmp(name, log_level_names[i]) == 0) {
			*ret = (enum log_level)i;
			return 0;
		}
	return -EINVAL;
}

/* "info" or "sip=debug". The last mention of a category counts. */
static int spec_add(struct log_spec *spec, char *item)
{
	char *level = strchr(item, '=');
	size_t i = 0;

	if (!level)
		return parse_level(item, &spec->level);
	*level++ = '\0';
	if (!*item || strlen(item) >= MAX_NAME)
		return -EINVAL;
	while (i < spec->n_categories && strcmp(spec->categories[i].name, item) != 0)
		i++;
	if (i == MAX_CATEGORIES)
		return -EINVAL;
	if (i == spec->n_categories)
		spec->n_categories++;
	memcpy(spec->categories[i].name, item, strlen(item) + 1);
	return parse_level(level, &spec->categories[i].level);
}

int log_set_levels(const char *text)
{
	CLEANUP(mem_free_string) char *copy = mem_strdup(text);
	struct log_spec spec = { .level = LOG_INFO };
	char *rest = copy, *item;

	while ((item = strsep(&rest, ",")))
		if (spec_add(&spec, item) < 0)
			return -EINVAL;
	spec.highest = spec.level;
	for (size_t i = 0; i < spec.n_categories; i++)
		if (spec.categories[i].level > spec.highest)
			spec.highest = spec.categories[i].level;
	the_log.spec = spec;
	return 0;
}

void log_set_format(enum log_format format)
{
	the_log.format = format;
}

int log_parse_format(const char *name)
{
	for (int i = 0; i < N_LOG_FORMATS; i++)
		if (strcmp(name, log_format_names[i]) == 0)
			return i;
	return -EINVAL;
}

void log_set_clock(int64_t (*wall_us)(const void *magic), const void *magic)
{
	the_log.wall_us = wall_us;
	the_log.magic = magic;
}

void log_set_fd(int fd)
{
	the_log.fd = fd;
}

bool log_enabled(enum log_level level, const char *category)
{
	const struct log_spec *spec = &the_log.spec;
	enum log_level enabled = spec->level;

	if (level > spec->highest)
		return false;
	for (size_t i = 0; i < spec->n_categories; i++)
		if (strcmp(spec->categories[i].name, category) == 0)
			enabled = spec->categories[i].level;
	return level <= enabled;
}

static void add_stamp(struct text *line)
{
	struct timespec now;
	int64_t us;

	if (the_log.wall_us) {
		us = the_log.wall_us(the_log.magic);
	} else {
		clock_gettime(CLOCK_REALTIME, &now);
		us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	}
	timestamp_add(line, us, TIMESTAMP_MS);
}

static void add_hidden(struct text *line, const char *s, size_t n)
{
	if (*s == '\n')
		text_add(line, "\\n");
	else if (*s == '\r')
		text_add(line, "\\r");
	else
		for (size_t i = 0; i < n; i++)
			text_addf(line, "\\x%02x", (unsigned char)s[i]);
}

/* Text from outside must neither look like a line of ours nor steer a terminal. */
static void add_plain(struct text *line, const char *s)
{
	const char *end = s + strlen(s);

	while (s < end) {
		size_t n = utf8_sequence(s, (size_t)(end - s));

		if (n == 0 || utf8_steers(s, n))
			add_hidden(line, s, n ? n : 1);
		else
			text_add_bytes(line, s, n);
		s += n ? n : 1;
	}
}

static void add_json_string(struct text *line, const char *s)
{
	const char *end = s + strlen(s);

	text_add(line, "\"");
	while (s < end) {
		size_t n = utf8_sequence(s, (size_t)(end - s));

		if (n == 0)
			text_add(line, "\\ufffd");
		else if (*s == '"' || *s == '\\')
			text_addf(line, "\\%c", *s);
		else if (chars_is_control(*s))
			text_addf(line, "\\u%04x", (unsigned)*s);
		else
			text_add_bytes(line, s, n);
		s += n ? n : 1;
	}
	text_add(line, "\"");
}

static void add_json_member(struct text *line, const char *name, const char *value)
{
	text_addf(line, ",\"%s\":", name);
	add_json_string(line, value);
}

/* "conv(17){ALERTING}" is the name "conv(17)" and the state "ALERTING". */
static void add_json_object(struct text *line, const char *object)
{
	const char *brace = strrchr(object, '{');
	CLEANUP(mem_free_string) char *name = NULL;
	CLEANUP(mem_free_string) char *state = NULL;
	size_t n = brace ? strlen(brace) : 0;

	if (n < 2 || brace[n - 1] != '}') {
		add_json_member(line, "name", object);
		return;
	}
	name = mem_memdup(object, (size_t)(brace - object));
	state = mem_memdup(brace + 1, n - 2);
	add_json_member(line, "name", name);
	add_json_member(line, "state", state);
}

static void format_json(struct text *line, enum log_level level, const char *category,
			const char *object, const char *message)
{
	text_add(line, "{\"time\":\"");
	add_stamp(line);
	text_addf(line, "\",\"level\":\"%s\"", log_level_names[level]);
	add_json_member(line, "room", category);
	if (object)
		add_json_object(line, object);
	add_json_member(line, "message", message);
	text_add(line, "}\n");
}

static void format_plain(struct text *line, enum log_level level, const char *category,
			 const char *object, const char *message)
{
	add_stamp(line);
	text_addf(line, " %-5s %s", log_level_names[level], category);
	if (object) {
		text_add(line, " ");
		add_plain(line, object);
	}
	text_add(line, ": ");
	add_plain(line, message);
	text_add(line, "\n");
}

bool log_throttle_passes(struct log_throttle *t, int64_t now_ms, int64_t *ret_n_left_out)
{
	if (now_ms < t->quiet_until_ms) {
		t->n_left_out++;
		return false;
	}
	*ret_n_left_out = t->n_left_out;
	*t = (struct log_throttle){ .quiet_until_ms = now_ms + LOG_THROTTLE_MS };
	return true;
}

const char *log_left_out(int64_t n_left_out, char ret[LOG_LEFT_OUT_SIZE])
{
	*ret = '\0';
	if (n_left_out > 0)
		snprintf(ret, LOG_LEFT_OUT_SIZE, " (and %lld more since this was last said)",
			 (long long)n_left_out);
	return ret;
}

void log_write(enum log_level level, const char *category, const char *object, const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	CLEANUP(text_deinit) struct text line = TEXT_INIT;
	int saved_errno = errno;
	va_list args;
	ssize_t n;

	va_start(args, fmt);
	text_vaddf(&message, fmt, args);
	va_end(args);
	if (the_log.format == LOG_FORMAT_JSON)
		format_json(&line, level, category, object, text_str(&message));
	else
		format_plain(&line, level, category, object, text_str(&message));
	/* One write per line, so that the lines of several processes do not mix. A failure cannot be
	 * reported anywhere. */
	n = write(the_log.fd, line.data, line.n);
	(void)n;
	errno = saved_errno;
}

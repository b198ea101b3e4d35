/*
 * HAL
 */
#include "proto/hal.h"

#include "proto/utf8.h"

#include <assert.h>

enum {
	ROOM = 1000, /* most are smaller */
	PLAIN_STEP = 16,
};

enum section {
	PROPERTIES, /* before and after the others */
	LINKS,
	EMBEDDED,
	FINISHED,
};

/* The text is written as it comes: a tree of json-c's, made for every event of every packet only to be
 * printed once, took most of the time of a conversation. */
struct hal {
	struct text text;
	enum section section, last; /* the open one, the furthest that there was */
	const char *list;           /* rel of the array that is open in it; NULL: none */
};

struct hal *hal_new(void)
{
	struct hal *o = MEM_NEW(struct hal);

	text_reserve(&o->text, ROOM);
	text_add(&o->text, "{");
	return o;
}

struct hal *hal_free(struct hal *o)
{
	if (!o)
		return NULL;
	text_deinit(&o->text);
	free(o);
	return NULL;
}

/* ---- JSON ---- */

/* Bytes that stand for themselves in a string. */
static bool is_plain(char c)
{
	return (signed char)c >= ' ' && c != '"' && c != '\\'; /* and ASCII */
}

/* Without a branch, so that the compiler looks at all of them at once. */
static bool are_plain(const char s[PLAIN_STEP])
{
	int n = 0;

	for (int i = 0; i < PLAIN_STEP; i++)
		n += is_plain(s[i]);
	return n == PLAIN_STEP;
}

static size_t count_plain(const char *s, size_t n)
{
	size_t i = 0;

	while (n - i >= PLAIN_STEP && are_plain(s + i))
		i += PLAIN_STEP;
	while (i < n && is_plain(s[i]))
		i++;
	return i;
}

static void add_escaped(struct text *out, char c)
{
	static const char letters[] = "btnvfr"; /* of 8 to 13; JSON has no \v */

	if (c == '"' || c == '\\')
		text_addf(out, "\\%c", c);
	else if (c >= '\b' && c <= '\r' && c != '\v')
		text_addf(out, "\\%c", letters[c - '\b']);
	else
		text_addf(out, "\\u%04x", c);
}

/* U+FFFD takes the place of every byte that is malformed. */
static void add_string(struct text *out, const char *s)
{
	size_t left = strlen(s), n;

	text_add_bytes(out, "\"", 1);
	for (; left; s += n, left -= n) {
		n = count_plain(s, left);
		if (n) {
			text_add_bytes(out, s, n);
			continue;
		}
		n = utf8_sequence(s, left);
		if (n == 1)
			add_escaped(out, *s);
		else
			text_add(out, n ? "" : "\xEF\xBF\xBD");
		if (n > 1)
			text_add_bytes(out, s, n);
		n = n ? n : 1;
	}
	text_add_bytes(out, "\"", 1);
}

/* Nothing is before it but what opens the object or array. */
static void add_comma(struct text *out)
{
	char last = out->data[out->n - 1];

	if (last != '{' && last != '[')
		text_add_bytes(out, ",", 1);
}

/* Names are constants that need no escape. */
static void add_name(struct text *out, const char *name)
{
	add_comma(out);
	text_add_bytes(out, "\"", 1);
	text_add(out, name);
	text_add_bytes(out, "\":", 2);
}

/* ---- sections ---- */

static void close_list(struct hal *o)
{
	if (o->list)
		text_add(&o->text, "]");
	o->list = NULL;
}

static void enter(struct hal *o, enum section section)
{
	assert(o->section != FINISHED);
	if (o->section == section)
		return;
	assert(section == PROPERTIES || section > o->last);
	close_list(o);
	if (o->section != PROPERTIES)
		text_add(&o->text, "}");
	o->section = section;
	if (section > o->last)
		o->last = section;
	if (section == FINISHED) {
		text_add(&o->text, "}");
	} else if (section != PROPERTIES) {
		add_name(&o->text, section == LINKS ? "_links" : "_embedded");
		text_add(&o->text, "{");
	}
}

static struct text *member(struct hal *o, enum section section, const char *name)
{
	enter(o, section);
	close_list(o);
	add_name(&o->text, name);
	return &o->text;
}

/* One more of the array of this name, which is the newest. */
static struct text *element(struct hal *o, enum section section, const char *name)
{
	enter(o, section);
	if (o->list && !strcmp(o->list, name)) {
		add_comma(&o->text);
		return &o->text;
	}
	text_add(member(o, section, name), "[");
	o->list = name;
	return &o->text;
}

/* ---- properties ---- */

void hal_string(struct hal *o, const char *name, const char *value)
{
	if (value)
		add_string(member(o, PROPERTIES, name), value);
}

void hal_int(struct hal *o, const char *name, int64_t value)
{
	text_add_signed(member(o, PROPERTIES, name), value);
}

void hal_bool(struct hal *o, const char *name, bool value)
{
	text_add(member(o, PROPERTIES, name), value ? "true" : "false");
}

void hal_date(struct hal *o, const char *name, int64_t wall_us)
{
	struct text *out = member(o, PROPERTIES, name);

	text_add(out, "\"\\/Date(");
	text_add_signed(out, wall_us / 1000);
	text_add(out, ")\\/\"");
}

void hal_strings(struct hal *o, const char *name, const char *const *values)
{
	struct text *out = member(o, PROPERTIES, name);

	text_add(out, "[");
	for (; *values; values++) {
		add_comma(out);
		add_string(out, *values);
	}
	text_add(out, "]");
}

void hal_object(struct hal *o, const char *name, struct hal *value)
{
	hal_print(member(o, PROPERTIES, name), value);
	hal_free(value);
}

void hal_objects(struct hal *o, const char *name, const struct text *values)
{
	struct text *out = member(o, PROPERTIES, name);

	text_add(out, "[");
	text_add_bytes(out, text_str(values), values->n);
	text_add(out, "]");
}

/* ---- links ---- */

static void add_link(struct text *out, const char *href, const char *title)
{
	text_add(out, "{\"href\":");
	add_string(out, href);
	if (title) {
		text_add(out, ",\"title\":");
		add_string(out, title);
	}
	text_add(out, "}");
}

void hal_link_to(struct hal *o, const char *rel, const char *href, const char *title)
{
	add_link(member(o, LINKS, rel), href, title);
}

void hal_link(struct hal *o, const char *rel, const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text href = TEXT_INIT;
	va_list args;

	va_start(args, fmt);
	text_vaddf(&href, fmt, args);
	va_end(args);
	hal_link_to(o, rel, text_str(&href), NULL);
}

void hal_link_append(struct hal *o, const char *rel, const char *href)
{
	add_link(element(o, LINKS, rel), href, NULL);
}

struct hal *hal_bare_link(const char *rel, const char *href, const char *title)
{
	struct hal *link = hal_new();

	hal_string(link, "rel", rel);
	hal_string(link, "href", href);
	hal_string(link, "title", title);
	return link;
}

/* ---- whole resources ---- */

void hal_embed(struct hal *o, const char *rel, struct hal *child)
{
	hal_print(member(o, EMBEDDED, rel), child);
	hal_free(child);
}

void hal_embed_append(struct hal *o, const char *rel, struct hal *child)
{
	hal_print(element(o, EMBEDDED, rel), child);
	hal_free(child);
}

struct hal *hal_end(struct hal *o, const char *rel)
{
	hal_string(o, "rel", rel);
	return o;
}

const char *hal_text(struct hal *o, size_t *ret_n)
{
	if (o->section != FINISHED)
		enter(o, FINISHED);
	if (ret_n)
		*ret_n = o->text.n;
	return text_str(&o->text);
}

void hal_print(struct text *out, struct hal *o)
{
	size_t n;
	const char *text = hal_text(o, &n);

	text_add_bytes(out, text, n);
}

/* ---- errors ---- */

struct hal *hal_error(enum diag_code code, const char *message)
{
	const struct diag_row *row = diag_row(code);
	struct hal *o = hal_new();

	hal_string(o, "code", row->ucwa_code);
	if (*row->ucwa_subcode)
		hal_string(o, "subcode", row->ucwa_subcode);
	hal_string(o, "message", message ? message : row->reason);
	return o;
}

enum diag_code hal_code_of_status(int http_status)
{
	static const struct {
		int status;
		enum diag_code code;
	} rows[] = {
		{ 401, DIAG_UNAUTHORIZED },
		{ 403, DIAG_FORBIDDEN },
		{ 404, DIAG_NOT_FOUND },
		{ 405, DIAG_BAD_METHOD },
		{ 408, DIAG_CLIENT_TIMEOUT },
		{ 409, DIAG_CONFLICT },
		{ 410, DIAG_GONE },
		{ 412, DIAG_PRECONDITION_FAILED },
		{ 413, DIAG_TOO_LARGE },
		{ 415, DIAG_BAD_TYPE },
		{ 428, DIAG_PRECONDITION_REQUIRED },
		{ 429, DIAG_TOO_MANY_REQUESTS },
		{ 503, DIAG_SERVICE_UNAVAILABLE },
		{ 504, DIAG_SERVICE_TIMEOUT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].status == http_status)
			return rows[i].code;
	return http_status < 500 ? DIAG_BAD_REQUEST : DIAG_SERVER_ERROR;
}

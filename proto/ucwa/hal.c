/*
 * HAL
 *
 * JSON is written here by hand, as it is added, and not built as a tree of json-c objects. Building trees, and
 * a text for each object that was then copied into the next one, took most of the CPU time of a conversation:
 * an event packet nests four objects deep and is written for every message. The price is that members must be
 * added in the order of their sections; asserts check that.
 */
#include "proto/ucwa/hal.h"

#include "proto/diag.h"
#include "proto/text/chars.h"
#include "proto/text/etag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <assert.h>

enum {
	ROOM = 5000, /* bytes; nearly all resources and packets fit, and none lives long */
	MAX_DEPTH = 8,
};

enum section {
	PROPERTIES, /* may come before and after the others */
	LINKS,
	EMBEDDED,
	FINISHED,
};

struct level {
	enum section section, last; /* the one that is open; the last one that was */
	const char *list;           /* name of the array that is open; NULL: none */
	size_t start;               /* of the object, in the text */
};

struct hal {
	struct text text;
	struct level levels[MAX_DEPTH];
	size_t depth;
	size_t embedded, n_embedded; /* where the outermost object has its embedded resources */
	bool is_resource;            /* it has a rel */
	char etag[ETAG_SIZE];
};

struct hal *hal_new(void)
{
	struct hal *o = MEM_NEW(struct hal);

	text_reserve(&o->text, ROOM);
	text_add_bytes(&o->text, "{", 1);
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

static struct level *top(struct hal *o)
{
	return &o->levels[o->depth];
}

/* ---- JSON ---- */

static void add_escaped(struct text *out, char c)
{
	static const char letters[] = "btnvfr"; /* for 8 to 13; JSON has no \v */

	if (c == '"' || c == '\\')
		text_addf(out, "\\%c", c);
	else if (c >= '\b' && c <= '\r' && c != '\v')
		text_addf(out, "\\%c", letters[c - '\b']);
	else
		text_addf(out, "\\u%04x", c);
}

/* Each malformed byte is replaced by U+FFFD. */
static void add_chars(struct text *out, const char *s)
{
	size_t left = strlen(s), n;

	for (; left; s += n, left -= n) {
		n = chars_count_json(s, left);
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
}

static void add_string(struct text *out, const char *s)
{
	text_add_bytes(out, "\"", 1);
	add_chars(out, s);
	text_add_bytes(out, "\"", 1);
}

/* Whether the object or array that is open has no member yet. */
static bool is_first(const struct text *out)
{
	char last = out->data[out->n - 1];

	return last == '{' || last == '[';
}

static void add_comma(struct text *out)
{
	if (!is_first(out))
		text_add_bytes(out, ",", 1);
}

/* Add the name of a member, up to where its value starts, in one piece: names are constants that need no
 * escape. before_value is the closing quote and what follows it. */
static inline void add_name(struct text *out, const char *name, size_t n_name,
			    const char *before_value, size_t n)
{
	char *at;

	text_reserve(out, 2 + n_name + n);
	at = out->data + out->n;
	*at = ',';
	at += !is_first(out);
	*at++ = '"';
	memcpy(at, name, n_name);
	at += n_name;
	memcpy(at, before_value, n);
	at += n;
	*at = '\0';
	out->n = (size_t)(at - out->data);
}

/* ---- sections ---- */

static void close_list(struct hal *o)
{
	if (top(o)->list)
		text_add_bytes(&o->text, "]", 1);
	top(o)->list = NULL;
}

static void change_section(struct hal *o, enum section section)
{
	struct level *l = top(o);

	assert(l->section != FINISHED);
	assert(section == PROPERTIES || section > l->last);
	close_list(o);
	if (l->section != PROPERTIES)
		text_add_bytes(&o->text, "}", 1);
	if (l->section == EMBEDDED && !o->depth)
		o->n_embedded = o->text.n - o->embedded;
	if (section == EMBEDDED && !o->depth)
		o->embedded = o->text.n;
	l->section = section;
	if (section > l->last)
		l->last = section;
	if (section == FINISHED)
		text_add_bytes(&o->text, "}", 1);
	else if (section == LINKS)
		add_name(&o->text, "_links", 6, "\":{", 3);
	else if (section == EMBEDDED)
		add_name(&o->text, "_embedded", 9, "\":{", 3);
}

static inline void enter(struct hal *o, enum section section)
{
	if (top(o)->section != section)
		change_section(o, section);
}

/* Add a member to a section, up to where its value starts; before_value as in add_name(). */
#define member_n(o, section, name, n_name, before_value)                                           \
	begin_member(o, section, name, n_name, before_value, sizeof(before_value) - 1)
#define member(o, section, name, before_value)                                                     \
	member_n(o, section, name, strlen(name), before_value)
/* NOLINTNEXTLINE(readability-function-size): inlined, with a constant in most places */
static inline struct text *begin_member(struct hal *o, enum section section, const char *name,
					size_t n_name, const char *before_value, size_t n)
{
	enter(o, section);
	if (top(o)->list)
		close_list(o);
	add_name(&o->text, name, n_name, before_value, n);
	return &o->text;
}

/* Add an element to the array of this name, which is the newest member, up to where the element starts. */
static struct text *element(struct hal *o, enum section section, const char *name)
{
	enter(o, section);
	if (top(o)->list && !strcmp(top(o)->list, name)) {
		add_comma(&o->text);
		return &o->text;
	}
	member(o, section, name, "\":[");
	top(o)->list = name;
	return &o->text;
}

/* ---- properties ---- */

struct text *hal_start_string(struct hal *o, const char *name, size_t n_name)
{
	return member_n(o, PROPERTIES, name, n_name, "\":\"");
}

void hal_end_string(struct hal *o)
{
	text_add_bytes(&o->text, "\"", 1);
}

void hal_add_string(struct hal *o, const char *name, size_t n_name, const char *value)
{
	if (!value)
		return;
	add_chars(hal_start_string(o, name, n_name), value);
	hal_end_string(o);
}

void hal_int(struct hal *o, const char *name, int64_t value)
{
	text_add_signed(member(o, PROPERTIES, name, "\":"), value);
}

void hal_bool(struct hal *o, const char *name, bool value)
{
	text_add(member(o, PROPERTIES, name, "\":"), value ? "true" : "false");
}

void hal_date(struct hal *o, const char *name, int64_t wall_us)
{
	struct text *out = hal_begin_string(o, name);

	text_add(out, "\\/Date(");
	text_add_signed(out, wall_us / 1000);
	text_add(out, ")\\/");
	hal_end_string(o);
}

void hal_strings(struct hal *o, const char *name, const char *const *values)
{
	struct text *out = member(o, PROPERTIES, name, "\":[");

	for (; *values; values++) {
		add_comma(out);
		add_string(out, *values);
	}
	text_add_bytes(out, "]", 1);
}

void hal_no_elements(struct hal *o, const char *name)
{
	member(o, PROPERTIES, name, "\":[]");
}

/* ---- objects in objects ---- */

static void open_object(struct hal *o)
{
	size_t start = o->text.n;

	text_add_bytes(&o->text, "{", 1);
	o->depth++;
	assert(o->depth < MAX_DEPTH);
	*top(o) = (struct level){ .start = start };
}

void hal_open(struct hal *o, const char *name)
{
	member(o, PROPERTIES, name, "\":");
	open_object(o);
}

void hal_open_element(struct hal *o, const char *name)
{
	element(o, PROPERTIES, name);
	open_object(o);
}

void hal_embed(struct hal *o, const char *rel)
{
	member(o, EMBEDDED, rel, "\":");
	open_object(o);
}

void hal_embed_append(struct hal *o, const char *rel)
{
	element(o, EMBEDDED, rel);
	open_object(o);
}

void hal_embed_none(struct hal *o, const char *rel)
{
	member(o, EMBEDDED, rel, "\":[]");
}

void hal_close(struct hal *o)
{
	assert(o->depth > 0);
	enter(o, FINISHED);
	o->depth--;
}

/* ---- links ---- */

struct text *hal_start_link(struct hal *o, const char *rel, size_t n_rel)
{
	return member_n(o, LINKS, rel, n_rel, "\":{\"href\":\"");
}

void hal_end_link(struct hal *o, const char *title)
{
	if (!title) {
		text_add_bytes(&o->text, "\"}", 2);
		return;
	}
	text_add(&o->text, "\",\"title\":\"");
	add_chars(&o->text, title);
	text_add_bytes(&o->text, "\"}", 2);
}

void hal_link_list(struct hal *o, const char *rel, const char *const *href)
{
	struct text *out = hal_begin_link(o, rel);

	for (; *href; href++)
		add_chars(out, *href);
	hal_end_link(o, NULL);
}

void hal_link_revision(struct hal *o, const char *rel, const char *path, const char *below,
		       const char *revision)
{
	struct text *out = hal_begin_link(o, rel);

	add_chars(out, path);
	add_chars(out, below);
	text_add_all(out, "\",\"revision\":\"", revision, "\"}");
}

void hal_link_append(struct hal *o, const char *rel, const char *href)
{
	text_add(element(o, LINKS, rel), "{\"href\":\"");
	add_chars(&o->text, href);
	hal_end_link(o, NULL);
}

/* ---- whole resources ---- */

struct hal *hal_end(struct hal *o, const char *rel)
{
	hal_string(o, "rel", rel);
	o->is_resource |= !o->depth;
	return o;
}

struct hal *hal_end_tagged(struct hal *o, const char *rel)
{
	size_t start = o->levels[o->depth].start;
	char etag[ETAG_SIZE];

	hal_end(o, rel);
	etag_of(o->text.data + start, o->text.n - start, etag);
	hal_string(o, "etag", etag);
	if (!o->depth)
		memcpy(o->etag, etag, sizeof(etag));
	return o;
}

const char *hal_etag(struct hal *o)
{
	const char *text;
	size_t n;

	if (!o->is_resource)
		return NULL;
	text = hal_text(o, &n);
	if (!*o->etag)
		etag_of_rest(text, n, o->embedded, o->n_embedded, o->etag);
	return o->etag;
}

const char *hal_text(struct hal *o, size_t *ret_n)
{
	assert(o->depth == 0);
	enter(o, FINISHED);
	if (ret_n)
		*ret_n = o->text.n;
	return text_str(&o->text);
}

void hal_take(struct hal *o, struct text *ret)
{
	hal_text(o, NULL);
	*ret = o->text;
	o->text = TEXT_INIT;
}

/* ---- errors ---- */

struct hal *hal_error(struct hal *o, enum diag_code code, const char *message)
{
	const struct diag_row *row = diag_row(code);

	hal_string(o, "code", row->ucwa_code);
	if (*row->ucwa_subcode)
		hal_string(o, "subcode", row->ucwa_subcode);
	hal_string(o, "message", message ? message : row->reason);
	return o;
}

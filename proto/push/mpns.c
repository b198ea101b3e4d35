/*
 * MPNS
 */
#include "proto/push/mpns.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/xml.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define NAMESPACE "WPNotification"

/* Depths of Notification, of Toast or Tile, and of their members. */
enum { DEPTH_ROOT = 1, DEPTH_KIND = 2, DEPTH_MEMBER = 3 };

/* In the order in which elements are written. */
static const struct mpns_field fields[] = {
#define X(kind, element, member, name)                                                             \
	{ kind, element, name, offsetof(struct mpns_notification, member) },
	MPNS_FIELDS(X)
#undef X
};

/* The Count stands in front of the Title in every example of Microsoft's. */
#define BEHIND_COUNT "Title"

static const char *const template_names[N_MPNS_TEMPLATES] = {
	[MPNS_PLAIN_TILE] = NULL,
	[MPNS_FLIP_TILE] = "FlipTile",
	[MPNS_ICONIC_TILE] = "IconicTile",
	[MPNS_CYCLE_TILE] = "CycleTile",
};

static const struct kind_row {
	const char *name;
	const char *target;  /* NULL: without the header */
	const char *element; /* NULL: not a document */
	int class;
} kind_rows[N_MPNS_KINDS] = {
	[MPNS_TOAST] = { "toast", "toast", "Toast", 2 },
	[MPNS_TILE] = { "tile", "token", "Tile", 1 },
	[MPNS_RAW] = { "raw", NULL, NULL, 3 },
};

static const struct mpns_row status_rows[N_MPNS_STATUSES] = {
	[MPNS_RECEIVED] = { 200, "Received", "Connected", "Active" },
	[MPNS_QUEUE_FULL] = { 200, "QueueFull", "Connected", "Active" },
	[MPNS_SUPPRESSED] = { 200, "Suppressed", "Connected", "Active" },
	[MPNS_BAD_REQUEST] = { 400, NULL, NULL, NULL },
	[MPNS_UNAUTHORIZED] = { 401, NULL, NULL, NULL },
	[MPNS_EXPIRED] = { 404, "Dropped", "Disconnected", "Expired" },
	[MPNS_BAD_METHOD] = { 405, NULL, NULL, NULL },
	[MPNS_THROTTLED] = { 406, "Dropped", "Connected", "Active" },
	[MPNS_INACTIVE] = { 412, "Dropped", "Inactive", NULL },
	[MPNS_UNAVAILABLE] = { 503, NULL, NULL, NULL },
};

size_t mpns_n_fields(void)
{
	return ARRAY_SIZE(fields);
}

const struct mpns_field *mpns_field(size_t i)
{
	return &fields[i];
}

char **mpns_slot(struct mpns_notification *n, size_t i)
{
	return (char **)(void *)((char *)n + fields[i].offset);
}

const char *mpns_string(const struct mpns_notification *n, size_t i)
{
	return *(char *const *)(const void *)((const char *)n + fields[i].offset);
}

void mpns_deinit(struct mpns_notification *n)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		free(*mpns_slot(n, i));
	free(n->tile_id);
	*n = (struct mpns_notification){ .count = -1 };
}

static void add_element(struct text *out, const char *name, const char *value, bool is_cleared)
{
	if (is_cleared)
		text_add_all(out, "<wp:", name, " Action=\"Clear\"></wp:", name, ">");
	if (is_cleared || !value)
		return;
	text_add_all(out, "<wp:", name, ">");
	text_add_xml(out, value);
	text_add_all(out, "</wp:", name, ">");
}

static void add_count(struct text *out, const struct mpns_notification *n)
{
	char count[TEXT_NUMBER_SIZE];
	unsigned value = n->count < 0 ? 0 : (unsigned)n->count;

	if (n->count >= 0 || n->clears_count)
		add_element(out, "Count",
			    text_number(count, value < MPNS_MAX_COUNT ? value : MPNS_MAX_COUNT),
			    n->clears_count);
}

static void add_members(struct text *out, const struct mpns_notification *n)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (fields[i].kind != n->kind)
			continue;
		if (!strcmp(fields[i].element, BEHIND_COUNT))
			add_count(out, n);
		add_element(out, fields[i].element, mpns_string(n, i), mpns_is_cleared(n, i));
	}
}

static void add_attribute(struct text *out, const char *name, const char *value)
{
	if (!value)
		return;
	text_add_all(out, " ", name, "=\"");
	text_add_xml(out, value);
	text_add(out, "\"");
}

void mpns_encode(struct text *out, const struct mpns_notification *n)
{
	const char *element = kind_rows[n->kind].element;
	const char *template = template_names[n->tile_template];

	text_add_all(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
			  "<wp:Notification xmlns:wp=\"" NAMESPACE "\"");
	/* The templates came with the second version. */
	add_attribute(out, "Version", template ? "2.0" : NULL);
	text_add_all(out, "><wp:", element);
	add_attribute(out, "Id", n->tile_id);
	add_attribute(out, "Template", template);
	text_add(out, ">");
	add_members(out, n);
	text_add_all(out, "</wp:", element, "></wp:Notification>");
}

/* The element that is being read may have been started with Action="Clear", which its end does not tell. */
struct decoding {
	struct mpns_notification content;
	bool has_kind;
	bool is_clearing;
};

static const char *read_tile(struct decoding *d, const struct xml_element *e)
{
	const char *template = xml_attribute(e, "Template");

	d->content.tile_id = mem_strdup(xml_attribute(e, "Id"));
	return mpns_template_of(template, &d->content.tile_template) < 0
		       ? "The Template is not FlipTile, IconicTile or CycleTile"
		       : NULL;
}

static const char *on_kind(struct decoding *d, const struct xml_element *e)
{
	if (d->has_kind)
		return "The Notification contains more than one Toast or Tile";
	for (int kind = 0; kind < N_MPNS_KINDS; kind++) {
		if (!kind_rows[kind].element || !xml_is(e, NAMESPACE, kind_rows[kind].element))
			continue;
		d->content.kind = (enum mpns_kind)kind;
		d->has_kind = true;
		return kind == MPNS_TILE ? read_tile(d, e) : NULL;
	}
	return "The Notification contains neither a Toast nor a Tile";
}

static const char *on_start(void *magic, const struct xml_element *e)
{
	struct decoding *d = magic;
	const char *action = e->depth == DEPTH_MEMBER ? xml_attribute(e, "Action") : NULL;

	if (e->depth == DEPTH_ROOT && !xml_is(e, NAMESPACE, "Notification"))
		return "The document is not a Notification in the namespace " NAMESPACE;
	if (e->depth == DEPTH_KIND)
		return on_kind(d, e);
	if (e->depth == DEPTH_MEMBER)
		d->is_clearing = action && !strcasecmp(action, "Clear");
	return NULL;
}

static const char *take_count(struct decoding *d, const char *s)
{
	int value = 0;

	if (d->content.count >= 0 || d->content.clears_count)
		return "An element occurs twice";
	d->content.clears_count = d->is_clearing;
	if (d->is_clearing)
		return NULL;
	for (; *s; s++) {
		if (!chars_is_digit(*s))
			return "The Count is not a number";
		if (value <= MPNS_MAX_COUNT)
			value = value * 10 + (*s - '0');
	}
	d->content.count = value < MPNS_MAX_COUNT ? value : MPNS_MAX_COUNT;
	return NULL;
}

static const char *take_string(struct decoding *d, size_t i, const struct xml_element *e)
{
	char **slot = mpns_slot(&d->content, i);

	if (*slot || mpns_is_cleared(&d->content, i))
		return "An element occurs twice";
	if (d->is_clearing)
		d->content.cleared |= UINT32_C(1) << i;
	else
		*slot = mem_memdup(e->text, e->n_text);
	return NULL;
}

static const char *on_end(void *magic, const struct xml_element *e)
{
	struct decoding *d = magic;

	if (e->depth != DEPTH_MEMBER)
		return NULL;
	if (d->content.kind == MPNS_TILE && xml_is(e, NAMESPACE, "Count"))
		return take_count(d, e->text);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].kind == d->content.kind && xml_is(e, NAMESPACE, fields[i].element))
			return take_string(d, i, e);
	return NULL;
}

int mpns_decode(const void *p, size_t n, struct mpns_notification *ret, const char **ret_why)
{
	struct decoding d = { .content.count = -1 };
	const struct xml_reader reader = {
		.max_bytes = MPNS_MAX_BYTES, .on_start = on_start, .on_end = on_end, .magic = &d
	};
	int r = xml_read(p, n, &reader, ret_why);

	if (r == 0 && !d.has_kind) {
		*ret_why = "The Notification contains neither a Toast nor a Tile";
		r = -EINVAL;
	}
	if (r < 0)
		mpns_deinit(&d.content);
	*ret = d.content;
	return r;
}

enum mpns_kind mpns_kind_named(const char *name)
{
	int kind = 0;

	while (kind < N_MPNS_KINDS &&
	       (!name || strcmp(mpns_kind_name((enum mpns_kind)kind), name) != 0))
		kind++;
	return (enum mpns_kind)kind;
}

const char *mpns_kind_name(enum mpns_kind kind)
{
	return kind_rows[kind].name;
}

const char *mpns_template_name(enum mpns_template template)
{
	return template_names[template];
}

int mpns_template_of(const char *name, enum mpns_template *ret)
{
	for (int i = 0; i < N_MPNS_TEMPLATES; i++) {
		if (name ? !template_names[i] || strcmp(name, template_names[i]) != 0
			 : template_names[i] != NULL)
			continue;
		*ret = (enum mpns_template)i;
		return 0;
	}
	return -EINVAL;
}

const char *mpns_target(enum mpns_kind kind)
{
	return kind_rows[kind].target;
}

int mpns_kind_of(const char *target, enum mpns_kind *ret)
{
	for (int kind = 0; kind < N_MPNS_KINDS; kind++) {
		const char *of_kind = kind_rows[kind].target;

		if (target && of_kind ? !strcasecmp(target, of_kind) : !target && !of_kind) {
			*ret = (enum mpns_kind)kind;
			return 0;
		}
	}
	return -EINVAL;
}

int mpns_class(enum mpns_kind kind)
{
	return kind_rows[kind].class;
}

int mpns_class_delay_s(enum mpns_kind kind, const char *value, int *ret_delay_s)
{
	static const int delays_s[] = { 0, 450, 900 };
	char expected[8];

	for (int i = 0; i < (int)ARRAY_SIZE(delays_s); i++) {
		snprintf(expected, sizeof(expected), "%d", mpns_class(kind) + 10 * i);
		if (!value || !strcmp(value, expected)) {
			*ret_delay_s = delays_s[i];
			return 0;
		}
	}
	return -EINVAL;
}

const struct mpns_row *mpns_row(enum mpns_status status)
{
	return &status_rows[status];
}

static enum mpns_status status_of_ok(const char *notification)
{
	if (notification && !strcasecmp(notification, "QueueFull"))
		return MPNS_QUEUE_FULL;
	if (notification && !strcasecmp(notification, "Suppressed"))
		return MPNS_SUPPRESSED;
	/* MPNS has no such answer, but other servers that speak its protocol do. */
	if (notification && !strcasecmp(notification, "Dropped"))
		return MPNS_BAD_REQUEST;
	return MPNS_RECEIVED;
}

enum mpns_status mpns_status_of(int http_status, const char *notification, const char *subscription)
{
	if (subscription && !strcasecmp(subscription, "Expired"))
		return MPNS_EXPIRED;
	if (http_status >= 200 && http_status < 300)
		return status_of_ok(notification);
	for (int i = 0; i < N_MPNS_STATUSES; i++)
		if (status_rows[i].http_status == http_status)
			return (enum mpns_status)i;
	return http_status >= 300 && http_status < 500 ? MPNS_BAD_REQUEST : MPNS_UNAVAILABLE;
}

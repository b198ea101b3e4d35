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

/* X(kind, element, member), in the order in which elements are written. */
#define STRINGS(X)                                                                                 \
	X(MPNS_TOAST, "Text1", text1)                                                              \
	X(MPNS_TOAST, "Text2", text2)                                                              \
	X(MPNS_TOAST, "Param", param)                                                              \
	X(MPNS_TILE, "BackgroundImage", background_image)                                          \
	X(MPNS_TILE, "Title", title)

static const struct string_row {
	enum mpns_kind kind;
	const char *element;
	size_t offset;
} string_rows[] = {
#define X(kind, element, member) { kind, element, offsetof(struct mpns_notification, member) },
	STRINGS(X)
#undef X
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

static char **string_of(struct mpns_notification *n, const struct string_row *row)
{
	return (char **)(void *)((char *)n + row->offset);
}

static const char *string_in(const struct mpns_notification *n, const struct string_row *row)
{
	return *(char *const *)(const void *)((const char *)n + row->offset);
}

void mpns_deinit(struct mpns_notification *n)
{
	for (size_t i = 0; i < ARRAY_SIZE(string_rows); i++)
		free(*string_of(n, &string_rows[i]));
	*n = (struct mpns_notification){ .count = -1 };
}

static void add_element(struct text *out, const char *name, const char *value)
{
	if (!value)
		return;
	text_addf(out, "<wp:%s>", name);
	text_add_xml(out, value);
	text_addf(out, "</wp:%s>", name);
}

void mpns_encode(struct text *out, const struct mpns_notification *n)
{
	const char *element = kind_rows[n->kind].element;
	char count[16];

	text_addf(out,
		  "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
		  "<wp:Notification xmlns:wp=\"" NAMESPACE "\"><wp:%s>",
		  element);
	for (size_t i = 0; i < ARRAY_SIZE(string_rows); i++)
		if (string_rows[i].kind == n->kind)
			add_element(out, string_rows[i].element, string_in(n, &string_rows[i]));
	if (n->kind == MPNS_TILE && n->count >= 0) {
		snprintf(count, sizeof(count), "%d",
			 n->count < MPNS_MAX_COUNT ? n->count : MPNS_MAX_COUNT);
		add_element(out, "Count", count);
	}
	text_addf(out, "</wp:%s></wp:Notification>", element);
}

struct decoding {
	struct mpns_notification content;
	bool has_kind;
};

static const char *on_start(void *magic, const struct xml_element *e)
{
	struct decoding *d = magic;

	if (e->depth == DEPTH_ROOT && !xml_is(e, NAMESPACE, "Notification"))
		return "The document is not a Notification in the namespace " NAMESPACE;
	if (e->depth != DEPTH_KIND)
		return NULL;
	if (d->has_kind)
		return "The Notification contains more than one Toast or Tile";
	for (int kind = 0; kind < N_MPNS_KINDS; kind++) {
		if (kind_rows[kind].element && xml_is(e, NAMESPACE, kind_rows[kind].element)) {
			d->content.kind = (enum mpns_kind)kind;
			d->has_kind = true;
			return NULL;
		}
	}
	return "The Notification contains neither a Toast nor a Tile";
}

static const char *take_count(struct decoding *d, const char *s)
{
	int value = 0;

	if (d->content.count >= 0)
		return "An element occurs twice";
	for (; *s; s++) {
		if (!chars_is_digit(*s))
			return "The Count is not a number";
		if (value <= MPNS_MAX_COUNT)
			value = value * 10 + (*s - '0');
	}
	d->content.count = value < MPNS_MAX_COUNT ? value : MPNS_MAX_COUNT;
	return NULL;
}

static const char *on_end(void *magic, const struct xml_element *e)
{
	struct decoding *d = magic;

	if (e->depth != DEPTH_MEMBER)
		return NULL;
	if (d->content.kind == MPNS_TILE && xml_is(e, NAMESPACE, "Count"))
		return take_count(d, e->text);
	for (size_t i = 0; i < ARRAY_SIZE(string_rows); i++) {
		const struct string_row *row = &string_rows[i];
		char **slot = string_of(&d->content, row);

		if (row->kind != d->content.kind || !xml_is(e, NAMESPACE, row->element))
			continue;
		if (*slot)
			return "An element occurs twice";
		*slot = mem_memdup(e->text, e->n_text);
		return NULL;
	}
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

const char *mpns_kind_name(enum mpns_kind kind)
{
	return kind_rows[kind].name;
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
	if (notification &&
	    (!strcasecmp(notification, "Suppressed") || !strcasecmp(notification, "Dropped")))
		return MPNS_SUPPRESSED;
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

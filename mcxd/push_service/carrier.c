/*
 * Carrier connection
 *
 * The phone's held request for notices. Asking for what comes after number N says that everything
 * up to N has arrived.
 */
#include "mcxd/push_service/channel.h"

#include "proto/record.h"
#include "proto/text/base64.h"
#include "proto/text/chars.h"
#include "proto/text/json_out.h"
#include "proto/text/timestamp.h"

#include <errno.h>

static void add_time(struct json_object *o, const char *name, int64_t wall_us)
{
	CLEANUP(text_deinit) struct text stamp = TEXT_INIT;

	timestamp_add(&stamp, wall_us, TIMESTAMP_MS);
	json_out_optional(o, name, text_str(&stamp));
}

/* Raw bytes need not be text. */
static void add_base64(struct json_object *o, const char *name, const char *p, size_t n)
{
	CLEANUP(text_deinit) struct text encoded = TEXT_INIT;

	base64_encode(&encoded, p, n);
	json_out_optional(o, name, text_str(&encoded));
}

static struct json_object *notice_json(const struct notice *n)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "number", json_object_new_int64((int64_t)n->number));
	json_out_optional(o, "kind", mpns_kind_name(n->body.kind));
	json_out_optional(o, "text1", n->body.text1);
	json_out_optional(o, "text2", n->body.text2);
	json_out_optional(o, "param", n->body.param);
	if (n->body.kind == MPNS_TILE && n->body.count >= 0)
		json_object_object_add(o, "count", json_object_new_int(n->body.count));
	json_out_optional(o, "title", n->body.title);
	json_out_optional(o, "backgroundImage", n->body.background_image);
	if (n->body.kind == MPNS_RAW)
		add_base64(o, "rawBase64", n->raw ? n->raw : "", n->n_raw);
	json_out_optional(o, "messageId", n->message_id);
	add_time(o, "receivedAt", n->received_wall_us);
	return o;
}

static char *summarize(const struct notice *n)
{
	const struct mpns_notification *b = &n->body;

	switch (b->kind) {
	case MPNS_TOAST:
		return text_format("toast %s: %s", b->text1 ? b->text1 : "",
				   b->text2 ? b->text2 : "");
	case MPNS_TILE: return text_format("tile %d", b->count < 0 ? 0 : b->count);
	case MPNS_RAW:
	case N_MPNS_KINDS: break;
	}
	return text_format("raw, %zu bytes", n->n_raw);
}

static void record_delivery(const struct channel *c, const struct notice *n)
{
	const struct mpns_notification *b = &n->body;
	char *summary = summarize(n);
	char *key = n->message_id ? text_format("mpns:%s", n->message_id) : NULL;
	char count[16], number[24], deliveries[16];
	struct record_field fields[] = {
		{ "text1", b->text1 },
		{ "text2", b->text2 },
		{ "count", b->kind == MPNS_TILE && b->count >= 0 ? count : NULL },
		{ "param", b->param },
		{ "number", number },
		{ "deliveries", deliveries },
		{ "channel", c->id },
	};
	struct record e = {
		.kind = mpns_kind_name(b->kind),
		.from = "push-service",
		.to = c->hop,
		.user = c->device_name && strchr(c->device_name, '@') ? c->device_name : NULL,
		.key = key,
		.summary = summary,
		.fields = fields,
		.n_fields = ARRAY_SIZE(fields),
	};

	snprintf(count, sizeof(count), "%d", b->count);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)n->number);
	snprintf(deliveries, sizeof(deliveries), "%d", n->deliveries);
	journal_add(c->push_service->journal, &e);
	free(summary);
	free(key);
}

static bool is_ready_after(const struct notice *n, uint64_t after)
{
	return n->number > after;
}

/* Answer with everything that is ready after this number, maybe nothing. */
static void answer(struct channel *c, struct http_request *r, uint64_t after)
{
	struct json_object *body = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint64_t next = after;

	list_for_each (node, &c->notices) {
		struct notice *n = LIST_ENTRY(node, struct notice, of_channel);

		if (!is_ready_after(n, after))
			continue;
		n->deliveries++;
		next = n->number;
		json_object_array_add(list, notice_json(n));
		record_delivery(c, n);
		c->push_service->metrics[PUSH_SERVICE_DELIVERIES].value++;
	}
	json_object_object_add(body, "notifications", list);
	json_object_object_add(body, "next", json_object_new_int64((int64_t)next));
	c->last_seen_ms = loop_now_ms(c->push_service->loop);
	http_answer_json(r, 200, NULL, body);
}

/* The parked request, which is not held any more; NULL when there is none. */
static struct http_request *release(struct channel *c)
{
	uint64_t id = c->held;

	if (!id)
		return NULL;
	c->held = 0;
	c->last_seen_ms = loop_now_ms(c->push_service->loop);
	loop_timer_stop(&c->hold);
	return http_parked(c->push_service->http, id);
}

static void on_hold_over(void *magic)
{
	struct channel *c = magic;
	uint64_t after = c->held_after;
	struct http_request *r = release(c);

	if (r)
		answer(c, r, after);
}

static void on_gone(void *magic, uint64_t id)
{
	struct channel *c = magic;

	if (c->held == id)
		release(c);
}

static bool has_ready(const struct channel *c, uint64_t after)
{
	list_for_each (node, &c->notices)
		if (is_ready_after(LIST_ENTRY(node, struct notice, of_channel), after))
			return true;
	return false;
}

void carrier_offer(struct channel *c)
{
	if (c->held && has_ready(c, c->held_after))
		on_hold_over(c);
}

void carrier_refuse(struct channel *c, int status, const char *why)
{
	struct http_request *r = release(c);

	if (r)
		push_service_refuse(r, status, why);
}

static void acknowledge(struct channel *c, uint64_t up_to)
{
	list_for_each_safe (node, &c->notices) {
		struct notice *n = LIST_ENTRY(node, struct notice, of_channel);

		if (n->number && n->number <= up_to)
			notice_free(n);
	}
}

/* A decimal number up to max, or the default when there is none. */
static int query_number(const struct http_request *r, const char *name, uint64_t max, uint64_t *ret)
{
	const char *s = http_query(r, name);
	uint64_t value = 0;

	if (!s)
		return 0;
	if (!*s)
		return -EINVAL;
	for (; *s; s++) {
		if (!chars_is_digit(*s) || value > max)
			return -EINVAL;
		value = value * 10 + (uint64_t)(*s - '0');
	}
	if (value > max)
		return -EINVAL;
	*ret = value;
	return 0;
}

void carrier_on_request(struct channel *c, struct http_request *r)
{
	const struct push_service_config *config = c->push_service->config;
	uint64_t after = 0, timeout_s = (uint64_t)config->carrier_timeout_ms / 1000;

	if (query_number(r, "after", c->last_number, &after) < 0) {
		push_service_refuse(
			r, 400, "\"after\" is the number of the last notification that arrived");
		return;
	}
	if (query_number(r, "timeout", (uint64_t)config->max_carrier_timeout_ms / 1000,
			 &timeout_s) < 0) {
		push_service_refuse(r, 400, "\"timeout\" is a number of seconds within the limit");
		return;
	}
	carrier_refuse(c, 409, "another request for this channel's notifications took over");
	acknowledge(c, after);
	c->last_seen_ms = loop_now_ms(c->push_service->loop);
	if (has_ready(c, after) || timeout_s == 0) {
		answer(c, r, after);
		return;
	}
	c->held = http_park(r, on_gone, c);
	c->held_after = after;
	loop_timer_set(c->push_service->loop, &c->hold, (int64_t)timeout_s * 1000, on_hold_over, c);
}

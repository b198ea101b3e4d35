/*
 * The channel, the subscription, and the carrier connection of the simulated phone
 */
#include "mcxd/sim/phone/phone.h"

#include "proto/text/json_out.h"

enum { HOLD_S = 30, MAX_FAILURES = 5, RETRY_MS = 200 };

/* ---- subscription ---- */

static void on_subscribed(struct sim_phone *h, const struct http_result *r,
			  struct json_object *body, void *magic)
{
	CLEANUP(mem_free_string) char *problem = NULL;

	(void)magic;
	if (r->status == 200 || r->status == 201) {
		sim_event(h->options->json, "subscribed", NULL, NULL, 0);
		sim_phone_on_subscribed(h);
		return;
	}
	problem = request_problem(r, body);
	sim_phone_fail(h, SIM_FAILED, "the push subscription was refused: %s", problem);
}

static void subscribe(struct sim_phone *h)
{
	const char *href = link_href(h->application, "pushSubscription");
	struct json_object *body;

	if (!href) {
		sim_phone_fail(h, SIM_FAILED, "this server has no push subscriptions");
		return;
	}
	body = json_object_new_object();
	json_out_optional(body, "platform", "windowsPhone");
	json_out_optional(body, "notificationUri", h->notification_uri);
	json_out_optional(body, "deviceName", h->options->device_name);
	json_out_optional(body, "userAgent", h->options->user_agent);
	request_send(h, &(struct request_spec){ .method = "PUT",
						.href = href,
						.body = json_object_to_json_string(body),
						.on_answer = on_subscribed });
	json_object_put(body);
}

/* ---- channel ---- */

static void on_channel(struct sim_phone *h, const struct http_result *r, struct json_object *body,
		       void *magic)
{
	const char *id = link_string(body, "channelId"),
		   *uri = link_string(body, "notificationUri");
	const char *carrier = link_string(body, "carrier");
	const char *channel = link_string(body, "channel");
	CLEANUP(mem_free_string) char *origin = link_origin(h->options->push_service_url);
	CLEANUP(mem_free_string) char *problem = NULL;

	(void)magic;
	if (r->status != 201 || !id || !uri || !carrier) {
		problem = request_problem(r, body);
		sim_phone_fail(h, SIM_FAILED, "the push service gave no channel: %s", problem);
		return;
	}
	if (channel)
		h->channel = link_resolve(origin, channel);
	h->notification_uri = mem_strdup(uri);
	h->carrier = link_resolve(origin, carrier);
	sim_event(h->options->json, "channel", uri,
		  (struct sim_field[]){ { "uri", uri }, { "id", id } }, 2);
	push_listen(h);
	subscribe(h);
}

void push_start(struct sim_phone *h)
{
	CLEANUP(mem_free_string)
	char *url = text_format("%s/channels", h->options->push_service_url);
	struct json_object *body = json_object_new_object();

	json_out_optional(body, "deviceName", h->options->device_name);
	json_out_optional(body, "userAgent", h->options->user_agent);
	request_send(h, &(struct request_spec){ .method = "POST",
						.href = url,
						.body = json_object_to_json_string(body),
						.plain = true,
						.on_answer = on_channel });
	json_object_put(body);
}

/* ---- notices ---- */

static enum reaction next_reaction(struct sim_phone *h)
{
	const struct phone_options *o = h->options;
	size_t i = h->n_toasts < o->n_on_toast ? h->n_toasts : o->n_on_toast - 1;

	h->n_toasts++;
	return o->on_toast[i];
}

static void on_toast(struct sim_phone *h, struct json_object *notice)
{
	const char *from = link_string(notice, "text1"), *text = link_string(notice, "text2");
	CLEANUP(mem_free_string)
	char *line = text_format("%s: %s", from ? from : "", text ? text : "");

	sim_event(h->options->json, "toast", line,
		  (struct sim_field[]){ { "from", from },
					{ "text", text },
					{ "param", link_string(notice, "param") },
					{ "messageId", link_string(notice, "messageId") } },
		  4);
	/* An app in the foreground has the invitation already. */
	if (h->phase != PHASE_BACKGROUND)
		return;
	h->answer = next_reaction(h);
	if (h->answer == REACT_IGNORE) {
		sim_phone_on_done(h);
		return;
	}
	h->woken = true;
	sim_phone_to_foreground(h);
}

static void on_tile(struct sim_phone *h, struct json_object *notice)
{
	struct json_object *count = NULL;
	const char *number;

	json_object_object_get_ex(notice, "count", &count);
	number = count ? json_object_get_string(count) : "0";
	sim_event(h->options->json, "tile", number, (struct sim_field[]){ { "count", number } }, 1);
}

static void on_notice(struct sim_phone *h, struct json_object *notice)
{
	const char *kind = link_string(notice, "kind");

	if (!kind)
		return;
	if (!strcmp(kind, "toast"))
		on_toast(h, notice);
	else if (!strcmp(kind, "tile"))
		on_tile(h, notice);
	else
		sim_event(h->options->json, "raw", NULL, NULL, 0);
}

static void on_retry(void *magic)
{
	push_listen(magic);
}

static void on_carrier_failure(struct sim_phone *h, const struct http_result *r,
			       struct json_object *body)
{
	CLEANUP(mem_free_string) char *problem = request_problem(r, body);

	if (++h->n_carrier_failures > MAX_FAILURES || (r->status >= 400 && r->status < 500)) {
		sim_phone_fail(h, r->status ? SIM_FAILED : SIM_UNREACHABLE,
			       "the carrier connection is lost: %s", problem);
		return;
	}
	loop_timer_set_real(h->loop, &h->retry_carrier, RETRY_MS << h->n_carrier_failures, on_retry,
			    h);
}

static void on_carrier(struct sim_phone *h, const struct http_result *r, struct json_object *body,
		       void *magic)
{
	struct json_object *list = NULL, *next = NULL;

	(void)magic;
	h->carrier_request = NULL;
	if (h->phase == PHASE_ENDING)
		return;
	if (r->status != 200 || !json_object_object_get_ex(body, "notifications", &list) ||
	    !json_object_is_type(list, json_type_array) ||
	    !json_object_object_get_ex(body, "next", &next)) {
		on_carrier_failure(h, r, body);
		return;
	}
	h->n_carrier_failures = 0;
	h->carrier_after = (uint64_t)json_object_get_int64(next);
	/* Before anything is done with them: this says that they have arrived. */
	push_listen(h);
	for (size_t i = 0; i < json_object_array_length(list) && h->phase != PHASE_ENDING; i++)
		on_notice(h, json_object_array_get_idx(list, i));
}

void push_listen(struct sim_phone *h)
{
	CLEANUP(mem_free_string)
	char *url = text_format("%s?after=%llu&timeout=%d", h->carrier,
				(unsigned long long)h->carrier_after, HOLD_S);

	h->carrier_request = request_send(h, &(struct request_spec){ .method = "GET",
								     .href = url,
								     .plain = true,
								     .lasting = true,
								     .on_answer = on_carrier });
}

/*
 * Missed conversations of the simulated phone
 */
#include "mcxd/sim/phone/phone.h"

enum { MAX_MISSED = 1000 };

static void next(struct sim_phone *h);

static void finish(struct sim_phone *h)
{
	void (*on_read)(struct sim_phone *) = h->on_missed;

	json_object_put(h->missed);
	h->missed = NULL;
	h->on_missed = NULL;
	on_read(h);
}

static void tell(struct sim_phone *h, struct json_object *log)
{
	struct json_object *recipient = link_embedded(log, "conversationLogRecipient", 0);
	const char *name = link_string(recipient, "displayName");
	const char *uri = link_string(recipient, "sipUri");
	const char *preview = link_string(log, "previewMessage");
	const char *text = preview && *preview ? preview : NULL;
	CLEANUP(mem_free_string) char *line = NULL;

	if (!name || !*name)
		name = uri ? uri : "somebody";
	line = text_format("%s%s%s", name, text ? ": " : "", text ? text : "");
	sim_event(h->options->json, "missed", line,
		  (struct sim_field[]){ { "from", name }, { "uri", uri }, { "text", text } }, 3);
}

static void on_marked(struct sim_phone *h, const struct http_result *r, struct json_object *body,
		      void *magic)
{
	(void)magic;
	request_ok(r, body, "markAsRead");
	next(h);
}

/* Returns false when nothing has to be waited for. */
static bool take(struct sim_phone *h, struct json_object *log)
{
	const char *read = link_href(log, "markAsRead");

	tell(h, log);
	if (!read)
		return false;
	request_send(h, &(struct request_spec){
				.method = "POST", .href = read, .on_answer = on_marked });
	return true;
}

static void on_log(struct sim_phone *h, const struct http_result *r, struct json_object *body,
		   void *magic)
{
	(void)magic;
	if (!request_ok(r, body, "a missed conversation") || !take(h, body))
		next(h);
}

/* One at a time: those that are only linked have to be asked for. */
static void next(struct sim_phone *h)
{
	while (h->phase != PHASE_ENDING && h->n_missed < json_object_array_length(h->missed)) {
		struct json_object *log = json_object_array_get_idx(h->missed, h->n_missed++);
		const char *href = link_string(log, "href");

		if (href) {
			request_send(h, &(struct request_spec){ .method = "GET",
								.href = href,
								.on_answer = on_log });
			return;
		}
		if (take(h, log))
			return;
	}
	finish(h);
}

static void collect(struct json_object *to, struct json_object *body, const char *where)
{
	struct json_object *set = NULL, *logs = NULL;

	if (!json_object_object_get_ex(body, where, &set) ||
	    !json_object_is_type(set, json_type_object) ||
	    !json_object_object_get_ex(set, "conversationLog", &logs))
		return;
	if (!json_object_is_type(logs, json_type_array)) {
		json_object_array_add(to, json_object_get(logs));
		return;
	}
	for (size_t i = 0; i < json_object_array_length(logs) && i < MAX_MISSED; i++)
		json_object_array_add(to, json_object_get(json_object_array_get_idx(logs, i)));
}

static void on_logs(struct sim_phone *h, const struct http_result *r, struct json_object *body,
		    void *magic)
{
	(void)magic;
	if (request_ok(r, body, "conversationLogs") && body) {
		collect(h->missed, body, "_embedded");
		if (json_object_array_length(h->missed) == 0)
			collect(h->missed, body, "_links");
	}
	next(h);
}

void missed_read(struct sim_phone *h, void (*on_read)(struct sim_phone *h))
{
	struct json_object *communication = link_embedded(h->application, "communication", 0);
	const char *href = link_href(communication, "conversationLogs");

	if (!href || h->missed) {
		on_read(h);
		return;
	}
	h->on_missed = on_read;
	h->missed = json_object_new_array();
	h->n_missed = 0;
	request_send(h,
		     &(struct request_spec){ .method = "GET", .href = href, .on_answer = on_logs });
}

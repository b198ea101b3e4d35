/*
 * Missed conversations
 */
#include "mcxd/sim/phone/missed.h"

#include "mcxd/sim/phone/links.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"

enum { MAX_MISSED = 1000 };

void sim_missed_init(struct sim_missed *m, const struct sim_missed_args *args)
{
	*m = (struct sim_missed){ .args = *args };
}

void sim_missed_deinit(struct sim_missed *m)
{
	json_object_put(m->logs);
}

static void read_next(struct sim_missed *m);

static void finish(struct sim_missed *m)
{
	json_object_put(m->logs);
	m->logs = NULL;
	m->args.on_read(m->args.magic);
}

static void tell(struct sim_missed *m, struct json_object *log)
{
	struct json_object *recipient = sim_link_embedded(log, "conversationLogRecipient", 0);
	const char *name = json_in_string(recipient, "displayName");
	const char *uri = json_in_string(recipient, "sipUri");
	const char *preview = json_in_string(log, "previewMessage");
	const char *text = preview && *preview ? preview : NULL;
	const char *from = name && *name ? name : uri ? uri : "somebody";
	CLEANUP(mem_free_string)
	char *summary = text_format("%s%s%s", from, text ? ": " : "", text ? text : "");
	const struct sim_field fields[] = { { "from", from }, { "uri", uri }, { "text", text } };

	sim_report_event(m->args.report, &(struct sim_event){ .kind = SIM_EVENT_MISSED,
							      .summary = summary,
							      .fields = fields,
							      .n_fields = ARRAY_SIZE(fields) });
}

static void send(struct sim_missed *m, const char *method, const char *href,
		 sim_answer_h *on_answer)
{
	sim_request_send(m->args.requests, &(struct sim_request){ .method = method,
								  .href = href,
								  .on_answer = on_answer,
								  .magic = m });
}

static void on_deleted(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_missed *m = magic;

	sim_request_ok(m->args.requests, r, body, "deleting a missed conversation");
	read_next(m);
}

/* Returns false when no answer has to be waited for. */
static bool take(struct sim_missed *m, struct json_object *log)
{
	const char *href = sim_link_href(log, "self");

	tell(m, log);
	if (href)
		send(m, "DELETE", href, on_deleted);
	return href;
}

static void on_log(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_missed *m = magic;

	if (!sim_request_ok(m->args.requests, r, body, "reading a missed conversation") ||
	    !take(m, body))
		read_next(m);
}

/* One at a time; those that are only linked have to be fetched. The server lists the newest first; a person reads them as
 * they were written. */
static void read_next(struct sim_missed *m)
{
	size_t n = json_object_array_length(m->logs);

	while (!m->stopped && m->n_read < n) {
		struct json_object *log = json_object_array_get_idx(m->logs, n - ++m->n_read);
		const char *href = json_in_string(log, "href");

		if (href) {
			send(m, "GET", href, on_log);
			return;
		}
		if (take(m, log))
			return;
	}
	finish(m);
}

static void collect(struct json_object *to, struct json_object *body, const char *where)
{
	struct json_object *logs = json_in_find(json_in_find(body, where), "conversationLog");

	if (!json_object_is_type(logs, json_type_array)) {
		if (logs)
			json_object_array_add(to, json_object_get(logs));
		return;
	}
	for (size_t i = 0; i < json_object_array_length(logs) && i < MAX_MISSED; i++)
		json_object_array_add(to, json_object_get(json_object_array_get_idx(logs, i)));
}

static void on_logs(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_missed *m = magic;

	if (sim_request_ok(m->args.requests, r, body, "conversationLogs")) {
		collect(m->logs, body, "_embedded");
		if (json_object_array_length(m->logs) == 0)
			collect(m->logs, body, "_links");
	}
	read_next(m);
}

void sim_missed_read(struct sim_missed *m, const char *href)
{
	if (!href || m->logs) {
		m->args.on_read(m->args.magic);
		return;
	}
	m->logs = json_object_new_array();
	m->n_read = 0;
	send(m, "GET", href, on_logs);
}

void sim_missed_stop(struct sim_missed *m)
{
	m->stopped = true;
}

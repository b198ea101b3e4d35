/*
 * HTTPS API: messages and typing
 */
#include "web/ucwa/message.h"

#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/phone_sending.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/resource.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/communication.h"
#include "web/ucwa/events.h"
#include "web/ucwa/private.h"
#include "web/ucwa/record.h"
#include "web/ucwa/request.h"
#include "web/ucwa/takes.h"

/* False: the conversation is not connected, and that has been answered. */
static bool check_connected(struct ucwa_request *q)
{
	const struct phone_leg *leg = phone_leg_find(q->phone, q->number);

	if (leg && phone_leg_get_state(leg) == PHONE_LEG_CONNECTED)
		return true;
	if (leg)
		ucwa_fail(q, DIAG_INVALID_STATE, "The conversation is not connected.");
	else
		ucwa_fail(q, DIAG_CONVERSATION_NOT_FOUND, NULL);
	return false;
}

/* ---- messages ---- */

static char *message_path(const struct ucwa_request *q, uint64_t message)
{
	const struct ucwa_conversation c = { .app = q->app->path, .id = q->number };

	return ucwa_path_message(&c, message);
}

static bool check_text(struct ucwa_request *q)
{
	if (!q->n_body)
		ucwa_fail(q, DIAG_BAD_REQUEST, "The message is empty.");
	else if (!utf8_is_text(q->body, q->n_body))
		ucwa_fail(q, DIAG_BAD_REQUEST, "The message must be UTF-8 without NUL.");
	else if (q->n_body > (size_t)q->u->core->config->max_message_bytes)
		ucwa_failf(q, DIAG_TOO_LARGE, "The message is longer than the limit of %lld bytes.",
			   (long long)q->u->core->config->max_message_bytes);
	else
		return true;
	return false;
}

static bool check_operation_id(struct ucwa_request *q, const char *id)
{
	if (!id || utf8_count(id) <= UCWA_MAX_OPERATION)
		return true;
	ucwa_fail_parameter(q, "operationId", "is longer than %d characters.", UCWA_MAX_OPERATION);
	return false;
}

/* Its outcome is reported by an event. */
void ucwa_post_message(struct ucwa_request *q)
{
	const char *operation_id = http_query(q->r, "operationId");
	const char *type = http_header(q->r, "Content-Type");
	struct im im = { .operation_id = operation_id,
			 .content_type = type ? type : message_format_type(MESSAGE_PLAIN),
			 .body = q->body,
			 .n_body = q->n_body };
	CLEANUP(mem_free_string) char *path = NULL;
	enum phone_result result;
	uint64_t id;

	if (!check_text(q) || !ucwa_check_format(q, im.content_type) ||
	    !check_operation_id(q, operation_id) || !check_connected(q))
		return;
	if (!phone_leg_has_room(q->phone)) {
		ucwa_fail(q, DIAG_LIMIT,
			  "Too many events are waiting for this application; fetch them first.");
		return;
	}
	ucwa_expect(q, 201);
	result = phone_leg_say(q->phone, q->number, &im, &id);
	if (result != PHONE_OK) {
		ucwa_finish(q, result);
		return;
	}
	path = message_path(q, id);
	ucwa_created(q, path);
}

static void link_messages(struct hal *o, const struct ucwa_conversation *c, struct list *events)
{
	list_for_each (node, events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);
		CLEANUP(mem_free_string) char *path = NULL;

		if (e->kind != EVENT_MESSAGE_COMPLETED || e->conversation != c->id)
			continue;
		path = ucwa_path_message(c, e->message);
		hal_link_append(o, "message", path);
	}
}

/* Those whose outcome is known and that can still be read, the oldest first. */
void ucwa_get_messages(struct ucwa_request *q)
{
	struct ucwa_conversation c;
	struct hal *o;

	if (!ucwa_view(q, q->number, &c)) {
		ucwa_fail(q, DIAG_CONVERSATION_NOT_FOUND, NULL);
		return;
	}
	o = hal_new();
	ucwa_add_path_conversation(hal_begin_link(o, "self"), &c, "/messaging/messages");
	hal_end_link(o, NULL);
	link_messages(o, &c, &q->phone->events.recent);
	link_messages(o, &c, &q->phone->events.events);
	ucwa_json(q, 200, hal_end(o, "messages"));
}

/* The {message} of the path; 0: it is not the number of one. */
static uint64_t message_number(const struct ucwa_request *q)
{
	int64_t id = 0;

	text_to_int(http_param(q->r, "message"), 1, INT64_MAX, &id);
	return (uint64_t)id;
}

static void fail_not_found(struct ucwa_request *q)
{
	ucwa_fail(q, DIAG_NOT_FOUND, "There is no message with this number.");
}

/* One of the phone's whose outcome is not known. */
static struct hal *get_sending(const struct ucwa_request *q, uint64_t id)
{
	const struct phone_leg *leg = phone_leg_find(q->phone, q->number);
	const struct phone_sending *m = leg ? phone_sending_find(leg, id) : NULL;
	struct ucwa_conversation c;

	if (!m || !ucwa_view(q, q->number, &c))
		return NULL;
	return ucwa_message(hal_new(), &c,
			    &(struct ucwa_message){ .id = id,
						    .outgoing = true,
						    .operation_id = m->operation_id,
						    .wall_us = m->wall_us });
}

void ucwa_get_message(struct ucwa_request *q)
{
	uint64_t id = message_number(q);
	struct hal *o = id ? ucwa_recall(q, EVENT_MESSAGE_COMPLETED, id) : NULL;

	if (!o)
		o = get_sending(q, id);
	if (o)
		ucwa_json(q, 200, o);
	else
		fail_not_found(q);
}

/* Only the newest messages are kept, but older ones can be answered, too. */
void ucwa_answer_message(struct ucwa_request *q)
{
	uint64_t id = message_number(q);

	if (id && id <= q->phone->last_message)
		ucwa_post_message(q);
	else
		fail_not_found(q);
}

void ucwa_post_typing(struct ucwa_request *q)
{
	if (!check_connected(q))
		return;
	ucwa_expect(q, 204);
	ucwa_finish(q, phone_leg_typing(q->phone, q->number));
}

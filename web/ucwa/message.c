/*
 * HTTPS API: messages, typing, the end
 */
#include "web/ucwa/private.h"

#include "proto/text/utf8.h"
#include "proto/ucwa/body.h"

/* messagingInvitation_ref says so of its operation ids. */
#define MAX_OPERATION_ID 50

/* True when the conversation is connected; otherwise it has been answered why not. */
static bool is_connected(struct ucwa_request *q)
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
		ucwa_fail(q, DIAG_BAD_REQUEST, "The message is not UTF-8, or has a NUL in it.");
	else if (q->n_body > (size_t)q->u->core->config->max_message_bytes)
		ucwa_failf(q, DIAG_TOO_LARGE, "A message can have %lld bytes at most.",
			   (long long)q->u->core->config->max_message_bytes);
	else
		return true;
	return false;
}

static bool check_operation_id(struct ucwa_request *q, const char *id)
{
	if (!id || strlen(id) <= MAX_OPERATION_ID)
		return true;
	ucwa_failf(q, DIAG_BAD_PARAMETER, "operationId is longer than %d bytes.", MAX_OPERATION_ID);
	return false;
}

static void keep_message(struct ucwa_request *q, const char *path, uint64_t id,
			 const char *operation_id)
{
	struct ucwa_conversation c;
	struct hal *o;

	if (!ucwa_view(q, q->number, &c))
		return;
	o = ucwa_message(hal_new(), &c,
			 &(struct ucwa_message){ .id = id,
						 .outgoing = true,
						 .operation_id = operation_id,
						 .wall_us = loop_wall_us(q->u->loop) });
	ucwa_keep(q->u, q->app, path, mem_strdup(hal_text(o, NULL)), operation_id);
	hal_free(o);
}

/* How it went comes as an event. */
void ucwa_post_message(struct ucwa_request *q)
{
	const char *operation_id = http_query(q->r, "operationId");
	struct im im = { .content_type = "text/plain; charset=UTF-8",
			 .body = q->body,
			 .n_body = q->n_body };
	CLEANUP(mem_free_string) char *path = NULL;
	enum phone_result result;
	uint64_t id;

	if (!check_text(q) || !check_operation_id(q, operation_id) || !is_connected(q))
		return;
	if (!phone_leg_has_room(q->phone)) {
		ucwa_fail(q, DIAG_LIMIT, "Too many events wait for this application to take them.");
		return;
	}
	ucwa_expect(q, 201);
	result = phone_leg_say(q->phone, q->number, &im, &id);
	if (result != PHONE_OK) {
		ucwa_fail_phone(q, result);
		return;
	}
	path = message_path(q, id);
	keep_message(q, path, id, operation_id);
	http_set_header(q->r, "Location", path);
	http_answer(q->r, 201, NULL, NULL, 0);
}

void ucwa_get_message(struct ucwa_request *q)
{
	const char *s = http_param(q->r, "message");
	CLEANUP(mem_free_string) char *path = NULL;
	const char *kept = NULL;

	if (strspn(s, "0123456789") == strlen(s)) {
		path = message_path(q, strtoull(s, NULL, 10));
		kept = ucwa_kept(q->app, path);
	}
	if (kept)
		http_answer(q->r, 200, "application/json; charset=utf-8", kept, strlen(kept));
	else
		ucwa_fail(q, DIAG_NOT_FOUND, "There is no message with this number.");
}

/* ---- operations ---- */

static void operate(struct ucwa_request *q,
		    enum phone_result (*operation)(struct phone *p, uint64_t conversation))
{
	struct ucwa_problem problem;
	enum phone_result result;

	if (ucwa_empty_decode(q->body, q->n_body, &problem) < 0) {
		ucwa_fail(q, problem.code, problem.message);
		return;
	}
	if (!is_connected(q))
		return;
	ucwa_expect(q, 204);
	result = operation(q->phone, q->number);
	if (result == PHONE_OK)
		ucwa_no_content(q);
	else
		ucwa_fail_phone(q, result);
}

void ucwa_post_typing(struct ucwa_request *q)
{
	operate(q, phone_leg_typing);
}

void ucwa_terminate(struct ucwa_request *q)
{
	operate(q, phone_leg_terminate);
}

/*
 * HTTPS API: the journal
 */
#include "web/ucwa/record.h"

#include "mcxd/base/journal.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/note.h"
#include "proto/mask.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/event.h"
#include "proto/ucwa/resource.h"
#include "web/http/http.h"
#include "web/http/struck.h"
#include "web/ucwa/metrics.h"
#include "web/ucwa/operation.h"
#include "web/ucwa/private.h"
#include "web/ucwa/request.h"

enum { KEY_SIZE = 2 * NOTE_KEY_SIZE }; /* an application id is longer than a number */

static void set_key(char ret[KEY_SIZE], const char *key, const char *app_id, uint64_t conversation)
{
	*ret = '\0';
	if (key)
		text_join(ret, KEY_SIZE, key, "");
	else if (conversation)
		conversation_key(ret, conversation);
	else if (app_id)
		text_join(ret, KEY_SIZE, "app:", app_id);
}

static void record(struct ucwa_request *q, int status)
{
	CLEANUP(mem_free_string)
	char *from = q->aor ? text_concat(RECORD_PHONE_PREFIX, q->aor) : NULL;
	CLEANUP(text_deinit) struct text summary = TEXT_INIT;
	char key[KEY_SIZE], code[TEXT_NUMBER_SIZE], took[TEXT_NUMBER_SIZE];
	struct record_field fields[] = {
		{ "method", http_method(q->r) },
		{ "path", http_path(q->r) },
		{ "status", status ? text_number(code, (unsigned)status) : NULL },
		{ "resource", q->operation->resource },
		{ "peer", http_peer(q->r) },
		{ "duration_us", text_number(took, (uint64_t)http_took_us(q->r)) },
	};

	text_add_all(&summary, http_method(q->r), " ", q->operation->resource, " → ");
	text_add(&summary, status ? text_number(code, (unsigned)status) : "no answer");
	set_key(key, q->key, q->app_id, q->number);
	q->record = journal_add(q->u->journal,
				&(struct record){ .kind = "http",
						  .from = from,
						  .to = from ? RECORD_HOP_FRONT_END : NULL,
						  .incoming = true,
						  .users = { q->aor, q->callee },
						  .phone = q->app_id,
						  .fault = http_fault(q->r),
						  .key = *key ? key : NULL,
						  .summary = text_str(&summary),
						  .fields = fields,
						  .n_fields = ARRAY_SIZE(fields) });
}

void ucwa_record(struct ucwa_request *q, int status)
{
	if (journal_is_on(q->u->journal))
		record(q, status);
}

void ucwa_record_answer(const struct ucwa_request *q)
{
	CLEANUP(text_deinit) struct text raw = TEXT_INIT;
	CLEANUP(text_deinit) struct text answer = TEXT_INIT;

	if (!q->record)
		return;
	http_capture(q->r, &raw, &answer);
	mask_secrets(raw.data, raw.n);
	mask_secrets(answer.data, answer.n);
	text_add_bytes(&raw, answer.data, answer.n);
	journal_complete(q->u->journal, q->record, raw.data, raw.n);
}

void ucwa_expect(struct ucwa_request *q, int status)
{
	ucwa_record(q, status);
	q->recorded = true;
}

void ucwa_fault(struct ucwa *u, const struct ucwa_request *q, const char *peer, const char *what)
{
	char key[KEY_SIZE];
	struct record_field fields[] = { { "what", what }, { "peer", peer } };

	metric_inc(&u->metrics.bad_requests_total);
	set_key(key, q ? q->key : NULL, q ? q->app_id : NULL, q ? q->number : 0);
	journal_add(u->journal, &(struct record){ .kind = "fault",
						  .users = { q ? q->aor : NULL },
						  .phone = q ? q->app_id : NULL,
						  .key = *key ? key : NULL,
						  .summary = what,
						  .fields = fields,
						  .n_fields = ARRAY_SIZE(fields) });
	log_debug("ucwa", NULL, "%s: %s", peer, what);
}

static void record_event(const struct ucwa_request *q, const struct ucwa_event *e, uint64_t packet)
{
	CLEANUP(text_deinit) struct text summary = TEXT_INIT;
	CLEANUP(mem_free_string) char *to = text_concat(RECORD_PHONE_PREFIX, q->aor);
	char key[KEY_SIZE], number[TEXT_NUMBER_SIZE];
	struct record_field fields[] = { { "kind", ucwa_event_rel(e) },
					 { "type", ucwa_event_type(e) },
					 { "packet", text_number(number, packet) } };

	ucwa_event_describe(&summary, e);
	set_key(key, NULL, q->app_id, e->conversation.id);
	journal_add(q->u->journal, &(struct record){ .kind = "event",
						     .from = RECORD_HOP_FRONT_END,
						     .to = to,
						     .users = { q->aor },
						     .phone = q->app_id,
						     .key = key,
						     .summary = text_str(&summary),
						     .fields = fields,
						     .n_fields = ARRAY_SIZE(fields) });
}

void ucwa_record_event(struct ucwa_request *q, const struct ucwa_event *e, uint64_t packet)
{
	if (journal_is_on(q->u->journal))
		record_event(q, e, packet);
}

/*
 * HTTPS API: conversation logs: what the phone missed
 *
 * conversationLogs lists it, with the first line as its preview. A log that is marked as read stays until it is
 * deleted. Conversations that took place are not logged. Why nobody answered is a property of ours.
 */
#include "web/ucwa/log.h"

#include "mcxd/base/list.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/phone.h"
#include "proto/diag.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/resource.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/request.h"

enum { MAX_LOGS = 1000 };

void ucwa_get_missed_items(struct ucwa_request *q)
{
	struct hal *o = hal_new();

	hal_int(o, "conversationLogsCount", q->phone->n_missed);
	hal_string(o, "conversationLogsNotifications", "Enabled");
	hal_int(o, "missedConversationsCount", q->phone->n_missed);
	hal_int(o, "unreadMissedConversationsCount", q->phone->n_unread);
	hal_int(o, "unreadVoicemailsCount", 0);
	hal_int(o, "voiceMailsCount", 0);
	hal_link(o, "self", q->app->path, "/communication/missedItems");
	ucwa_json(q, 200, hal_end(o, "missedItems"));
}

static char *log_path(const struct ucwa_request *q, uint64_t conversation)
{
	return text_format("%s/communication/conversationLogs/%llu", q->app->path,
			   (unsigned long long)conversation);
}

/* The newest first, so that a limit leaves the oldest out. */
void ucwa_get_logs(struct ucwa_request *q)
{
	struct hal *o;
	int64_t limit = MAX_LOGS;

	if (ucwa_number(q, "limit", 1, MAX_LOGS, &limit) < 0)
		return;
	o = hal_new();
	hal_link(o, "self", q->app->path, "/communication/conversationLogs");
	for (struct list *node = q->phone->missed.prev; node != &q->phone->missed && limit > 0;
	     node = node->prev, limit--) {
		const struct missed *m = LIST_ENTRY(node, struct missed, of_phone);
		CLEANUP(mem_free_string) char *path = log_path(q, m->conversation);

		hal_link_append(o, "conversationLog", path);
	}
	ucwa_json(q, 200, hal_end(o, "conversationLogs"));
}

static struct missed *get_missed(struct ucwa_request *q)
{
	struct missed *m = missed_find(q->phone, q->number);

	if (!m)
		ucwa_fail(q, DIAG_NOT_FOUND, "There is no conversation log with this number.");
	return m;
}

static void add_recipient(struct hal *o, const struct ucwa_request *q, const struct missed *m)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT;

	uri_add_aor(&uri, m->from);
	hal_string(o, "displayName", m->from_name ? m->from_name : "");
	hal_string(o, "sipUri", text_str(&uri));
	ucwa_link_person(o, q->app->path, m->from);
	hal_end(o, "conversationLogRecipient");
}

void ucwa_get_log(struct ucwa_request *q)
{
	static const char *const modalities[] = { "Messaging", NULL };
	const struct missed *m = get_missed(q);
	CLEANUP(mem_free_string) char *path = NULL;
	struct hal *o;

	if (!m)
		return;
	path = log_path(q, m->conversation);
	o = hal_new();
	hal_date(o, "creationTime", m->wall_us);
	hal_string(o, "direction", "Incoming");
	hal_string(o, "importance", ucwa_importance(m->importance));
	hal_strings(o, "modalities", modalities);
	hal_string(o, "previewMessage", m->first_line ? m->first_line : "");
	hal_string(o, "reason", m->reason);
	hal_string(o, "status", "Missed");
	hal_string(o, "subject", m->subject ? m->subject : "");
	hal_string(o, "threadId", m->thread_id);
	hal_int(o, "totalRecipientsCount", 1);
	hal_string(o, "type", "MessageLog");
	hal_link(o, "self", path);
	hal_link(o, "markAsRead", path, "/markAsRead");
	hal_embed_append(o, "conversationLogRecipient");
	add_recipient(o, q, m);
	hal_close(o);
	ucwa_json(q, 200, hal_end(o, "conversationLog"));
}

void ucwa_delete_log(struct ucwa_request *q)
{
	struct missed *m = get_missed(q);

	if (!m)
		return;
	missed_remove(m);
	delivery_gather(q->phone);
	ucwa_no_content(q);
}

void ucwa_mark_as_read(struct ucwa_request *q)
{
	struct missed *m = get_missed(q);

	if (!m)
		return;
	missed_read(m);
	delivery_gather(q->phone);
	ucwa_no_content(q);
}

/*
 * Clearing house: what the journal says of a notification
 */
#include "mcxd/clearing_house/record.h"

#include "mcxd/base/journal.h"
#include "mcxd/clearing_house/platform.h"
#include "mcxd/clearing_house/post.h"
#include "proto/diag.h"
#include "proto/push/body.h"
#include "proto/push/mpns.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"

#include <stdio.h>

void record_names_deinit(struct record_names *names)
{
	free(names->user);
	free(names->sip_key);
	free(names->push_key);
	*names = (struct record_names){ 0 };
}

/* ---- HTTP ---- */

void record_post(struct journal *j, const struct record_names *names, const struct post *p)
{
	CLEANUP(mem_free_string) char *summary = NULL;

	if (!journal_is_on(j))
		return;
	summary = text_concat("POST ", p->url);
	journal_add(j, &(struct record){
			       .kind = "http",
			       .from = RECORD_HOP_CLEARING_HOUSE,
			       .to = RECORD_HOP_PUSH_SERVICE,
			       .users = { names->user },
			       .key = names->push_key,
			       .link = names->sip_key,
			       .summary = summary,
			       .raw = p->body.data,
			       .n_raw = p->body.n,
			       .fields = (const struct record_field[]){ { "method", "POST" },
									{ "path", p->url },
									{ "resource", p->what } },
			       .n_fields = 3,
		       });
}

static char *summarize(const struct http_result *r, const char *notification)
{
	if (!r->status)
		return text_format("POST → no answer: %s", r->error ? r->error : "");
	return text_format("POST → %d%s%s", r->status, notification ? " " : "",
			   notification ? notification : "");
}

void record_result(struct journal *j, const struct record_names *names, const char *what,
		   const struct http_result *r)
{
	const char *notification = NULL, *connection = NULL;
	CLEANUP(mem_free_string) char *summary = NULL;
	char status[16];

	if (!journal_is_on(j))
		return;
	if (r->status) {
		notification = r->header(r, MPNS_HEADER_NOTIFICATION_STATUS);
		connection = r->header(r, MPNS_HEADER_CONNECTION_STATUS);
	}
	summary = summarize(r, notification);
	snprintf(status, sizeof(status), "%d", r->status);
	journal_add(
		j,
		&(struct record){
			.kind = "http",
			.from = RECORD_HOP_PUSH_SERVICE,
			.to = RECORD_HOP_CLEARING_HOUSE,
			.incoming = true,
			.users = { names->user },
			.key = names->push_key,
			.summary = summary,
			.raw = r->n_body ? r->body : NULL,
			.n_raw = r->n_body,
			.fields = (const struct record_field[]){ { "status", status },
								 { "resource", what },
								 { "notification", notification },
								 { "connection", connection } },
			.n_fields = 4,
		});
}

/* ---- the push ---- */

static void add_push(struct journal *j, const struct record_names *names, const char *state,
		     const char *reason, const char *summary)
{
	journal_add(j, &(struct record){
			       .kind = "push",
			       .users = { names->user },
			       .key = names->sip_key,
			       .link = names->push_key,
			       .summary = summary,
			       .fields = (const struct record_field[]){ { "push", names->body->id },
									{ "state", state },
									{ "platform",
									  names->body->platform },
									{ "reason", reason } },
			       .n_fields = reason ? 4 : 3,
		       });
}

void record_push(struct journal *j, const struct record_names *names)
{
	CLEANUP(mem_free_string) char *summary = NULL;

	if (!journal_is_on(j))
		return;
	summary = text_format("push %s for %s (%s)", names->body->id,
			      names->user ? names->user : "nobody", names->body->platform);
	add_push(j, names, "forwarded", NULL, summary);
}

void record_retry(struct journal *j, const struct record_names *names, const struct outcome *why,
		  int64_t after_ms)
{
	const char *reason = diag_row(why->code)->reason;
	CLEANUP(mem_free_string) char *summary = NULL;

	if (!journal_is_on(j))
		return;
	summary = text_format("push %s is repeated in %lld ms: %s", names->body->id,
			      (long long)after_ms, reason);
	add_push(j, names, "repeated", reason, summary);
}

void record_dead(struct journal *j, const struct record_names *names, const struct outcome *why)
{
	CLEANUP(mem_free_string) char *summary = NULL;

	if (!journal_is_on(j))
		return;
	summary = text_format("the channel of %s has expired (%s)",
			      names->user ? names->user : "nobody", names->body->platform);
	add_push(j, names, "expired", *why->info ? why->info : NULL, summary);
}

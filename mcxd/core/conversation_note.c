/*
 * Conversation: its records in the journal
 */
#include "mcxd/core/conversation_note.h"

#include "mcxd/core/conversation.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/note.h"
#include "proto/diag.h"

void conversation_note_invited(const struct conversation *v, const char *link)
{
	note_add(v->core,
		 &(struct note){ .kind = "conversation",
				 .users = { v->from, v->to },
				 .key = v->key,
				 .link = link,
				 .fields = { { "state", "invited" }, { "caller", v->from } } },
		 "%s invites %s%s%s", v->from, v->to, v->preview ? ": " : "",
		 v->preview ? v->preview : "");
}

void conversation_note_answered(const struct conversation *v, const char *aor)
{
	note_add(v->core,
		 &(struct note){ .kind = "conversation",
				 .users = { v->from, v->to },
				 .key = v->key,
				 .fields = { { "state", "answered" }, { "status", "200" } } },
		 "%s answers", aor);
}

void conversation_note_failed(const struct conversation *v)
{
	char status[12];

	snprintf(status, sizeof(status), "%d", v->outcome.sip_status);
	note_add(v->core,
		 &(struct note){ .kind = "conversation",
				 .users = { v->from, v->to },
				 .key = v->key,
				 .fields = { { "state", "failed" },
					     { "status", status },
					     { "info", v->reason } } },
		 "%s %s%s%s", status, diag_row(v->outcome.code)->reason, v->reason ? ": " : "",
		 v->reason ? v->reason : "");
}

void conversation_note_ended(const struct conversation *v, const struct leg *by)
{
	note_add(v->core,
		 &(struct note){ .kind = "conversation",
				 .users = { v->from, v->to },
				 .key = v->key,
				 .fields = { { "state", "ended" } } },
		 "ended by %s after %u messages",
		 !by ? "the server" : (by->caller ? v->from : v->to), v->n_messages);
}

/*
 * Conversation: what it is made of
 */
#include "mcxd/core/conversation_make.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/foreign.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/note.h"
#include "mcxd/core/party.h"
#include "mcxd/core/relay/spread.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"

void conversation_key(char ret[NOTE_KEY_SIZE], uint64_t id)
{
	note_key(ret, RECORD_CONVERSATION_PREFIX, id);
}

/* Only a ringing one has a timeout. */
int64_t conversation_deadline_us(const struct conversation *v)
{
	return loop_timer_due_wall_us(&v->fsm.timer);
}

static const char *name_of(const struct core *c, const char *aor)
{
	const struct user *u = user_find(c, aor);

	return u ? u->display_name : NULL;
}

/* Clients file what belongs together by the thread id, so every conversation has one. */
static char *thread_of(const struct invitation *inv)
{
	char hex[33];

	if (inv->thread_id)
		return mem_strdup(inv->thread_id);
	random_hex(16, hex);
	return mem_strdup(hex);
}

/* Nobody waits for the answer to a message without a session. */
static int64_t timeout_of(const struct core_config *config, const struct invitation *inv)
{
	if (inv->timeout_ms)
		return inv->timeout_ms;
	return inv->paged ? config->pager_idle_ms : config->invite_timeout_ms;
}

struct conversation *conversation_make(struct core *c, uint64_t id, const struct invitation *inv)
{
	struct conversation *v = MEM_NEW(struct conversation);

	v->core = c;
	v->id = id ? id : idtab_add(&c->conversations, v);
	if (id)
		idtab_add_as(&c->conversations, id, v);
	conversation_key(v->key, v->id);
	v->from = mem_strdup(inv->from);
	v->from_name = mem_strdup(inv->from_name ? inv->from_name : name_of(c, inv->from));
	v->to = mem_strdup(inv->to);
	v->to_name = mem_strdup(name_of(c, inv->to));
	v->subject = mem_strdup(inv->subject);
	v->importance = mem_strdup(inv->importance);
	v->thread_id = thread_of(inv);
	v->first_line = mem_strdup(inv->first_line);
	v->first_line_type = mem_strdup(inv->first_line_type);
	v->preview = message_format_plain(inv->first_line_type, inv->first_line,
					  inv->first_line ? strlen(inv->first_line) : 0);
	v->media = inv->media;
	v->only_phone = inv->phone;
	v->conference = inv->conference;
	v->hops = inv->hops;
	v->paged = inv->paged;
	v->timeout_ms = timeout_of(c->config, inv);
	v->may_repeat = inv->may_repeat;
	v->began_wall_us = loop_wall_us(c->loop);
	list_init(&v->legs);
	list_init(&v->spread);
	if (!id)
		metric_inc(&c->metrics.invitations_total);
	metric_inc(&c->metrics.conversations);
	return v;
}

void conversation_unmake(struct conversation *v)
{
	spread_free_all(&v->spread);
	idtab_remove(&v->core->conversations, v->id);
	metric_add(&v->core->metrics.conversations, -1);
	free(v->from);
	free(v->from_name);
	free(v->to);
	free(v->to_name);
	free(v->subject);
	free(v->importance);
	free(v->thread_id);
	free(v->first_line);
	free(v->first_line_type);
	free(v->preview);
	free(v->reason);
	foreign_free(v->outcome_as);
	free(v->timeout_reason);
	free(v);
}

/* ---- looking at one ---- */

enum invitation_what conversation_what(const struct conversation *v)
{
	if (v->conference)
		return INVITATION_MEETING;
	return v->media == MEDIA_TEXT ? INVITATION_MESSAGING : INVITATION_PHONE_AUDIO;
}

struct leg *conversation_peer(const struct conversation *v, const struct leg *leg)
{
	return leg == v->caller_leg ? v->callee_leg : v->caller_leg;
}

const char *conversation_peer_aor(const struct conversation *v, const struct leg *leg)
{
	return leg->caller ? v->to : v->from;
}

const char *conversation_peer_name(const struct conversation *v, const struct leg *leg)
{
	return leg->caller ? v->to_name : v->from_name;
}

unsigned conversation_peer_reads(const struct leg *leg)
{
	const struct leg *peer =
		leg->conversation ? conversation_peer(leg->conversation, leg) : NULL;

	return peer ? peer->reads : 0;
}

struct conversation *conversation_find(const struct core *c, uint64_t id)
{
	return idtab_get(&c->conversations, id);
}

struct conversation *conversation_next(const struct core *c, uint64_t *cursor)
{
	return idtab_next(&c->conversations, cursor);
}

const char *conversation_reason(const struct conversation *v)
{
	return v->reason ? v->reason : diag_row(v->outcome.code)->reason;
}

/* ---- why a push does not bring the callee ---- */

void conversation_set_timeout_reason(struct conversation *v, const char *reason)
{
	if (!v->pushed)
		mem_set_string(&v->timeout_reason, reason);
}

void conversation_set_pushed(struct conversation *v)
{
	v->pushed = true;
	mem_set_string(&v->timeout_reason, NULL);
}

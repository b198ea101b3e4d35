/*
 * Phone
 */
#include "mcxd/core/phone.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/push/queue.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "proto/sip/ident.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/modality.h"

#include <strings.h>

/* The expiry in the store is behind by at most this part of the session, so that not every request writes. */
enum { STORED_EXPIRY_PARTS = 8 };

/* ---- making one ---- */

/* A phone without identity. id 0: a new one. */
static struct phone *make(struct user *u, uint64_t id, const char *app_id)
{
	struct core *c = u->core;
	struct phone *p;

	if (!budget_take(&u->sign_ins, 1))
		return NULL;
	if (!budget_take(&u->endpoints, 1)) {
		budget_give(&u->sign_ins, 1);
		return NULL;
	}
	p = MEM_NEW(struct phone);
	p->user = u;
	if (id)
		idtab_add_as(&c->phones, id, p);
	else
		id = idtab_add(&c->phones, p);
	p->id = id;
	p->stored_ms = loop_now_ms(c->loop); /* or soon */
	p->app_id = mem_strdup(app_id);
	strtab_add(&c->phones_by_app, app_id, p);
	list_append(&u->phones, &p->of_user);
	list_init(&p->missed);
	list_init(&p->legs);
	list_init(&p->deliveries);
	list_init(&p->watches);
	push_queue_init(&p->pushes);
	p->media.formats = MESSAGE_PLAIN;
	event_queue_init(&p->events, c->config->max_events, c->config->max_recent,
			 &c->metrics.limits_total);
	metric_inc(&c->metrics.phones);
	return p;
}

static void make_identity(struct phone *p)
{
	unsigned char opaque[16];
	char hex[33];

	random_hex_upper(5, hex);
	p->epid = mem_strdup(hex);
	random_hex(16, hex);
	p->push_identity = mem_strdup(hex);
	p->gruu_token = mem_zalloc(IDENT_TOKEN_SIZE);
	do
		random_bytes(opaque, sizeof(opaque));
	while (!ident_gruu_token(opaque, p->gruu_token));
}

struct phone *phone_new(struct user *u, const struct phone_spec *spec)
{
	struct phone *p;
	char hex[33];

	random_hex(6, hex);
	p = make(u, 0, hex);
	if (!p)
		return NULL;
	random_hex(16, hex);
	p->endpoint_id = mem_strdup(spec->endpoint_id ? spec->endpoint_id : hex);
	p->user_agent = mem_strdup(spec->user_agent);
	p->culture = mem_strdup(spec->culture);
	p->instance_id = mem_strdup(spec->instance_id);
	make_identity(p);
	return p;
}

void phone_free(struct phone *p)
{
	struct core *c = p->user->core;

	user_rest(p->user);
	core_remove(c, STORE_PHONE, p->id, NULL, NULL);
	event_queue_deinit(&p->events);
	push_queue_deinit(&p->pushes);
	idtab_remove(&c->phones, p->id);
	strtab_remove(&c->phones_by_app, p->app_id);
	list_remove(&p->of_user);
	budget_give(&p->user->endpoints, 1);
	budget_give(&p->user->sign_ins, 1);
	metric_add(&c->metrics.phones, -1);
	phone_set_subscription(p, NULL);
	phone_set_refused(p, NULL);
	free(p->media.phone_number);
	free(p->media.audio_preference);
	free(p->app_id);
	free(p->endpoint_id);
	free(p->user_agent);
	free(p->culture);
	free(p->instance_id);
	free(p->epid);
	free(p->push_identity);
	free(p->gruu_token);
	free(p);
}

/* ---- store ---- */

/* Every request lengthens the session; that is stored from time to time, and then as if it were at this moment. */
static int64_t expires_wall_us(const struct phone *p)
{
	const struct core *c = p->user->core;
	int64_t since_ms = c->is_snapshot ? p->touched_ms : loop_now_ms(c->loop);

	return (since_ms + phone_session_ms(p) + loop_calendar_ms(c->loop)) * 1000;
}

void phone_store(struct phone *p, store_done_h *done, void *magic)
{
	const struct phone *object = p;
	struct core *c = p->user->core;

	if (!c->is_snapshot)
		p->stored_ms = loop_now_ms(c->loop);
	core_save(c,
		  &(struct store_row){
			  .kind = STORE_PHONE,
			  .id = p->id,
			  .phone = { .user = p->user->aor,
				     .expires_wall_us = expires_wall_us(p),
				     .app_id = p->app_id,
				     STORE_PHONE_COLUMNS(STORE_SAVE, STORE_SKIP) },
		  },
		  done, magic);
}

static void fill(struct phone *object, const struct phone_row *row)
{
	STORE_PHONE_COLUMNS(STORE_RESTORE, STORE_SKIP)
}

static bool is_complete(const struct phone_row *r)
{
	return r->app_id && r->endpoint_id && r->epid && r->push_identity && r->gruu_token;
}

struct phone *phone_restore(struct core *c, const struct store_row *row)
{
	struct user *u = user_meet(c, row->phone.user, true);
	struct phone *p;

	if (!u || !is_complete(&row->phone) || row->phone.expires_wall_us <= loop_wall_us(c->loop))
		return NULL;
	p = make(u, row->id, row->phone.app_id);
	if (p)
		fill(p, &row->phone);
	return p;
}

/* ---- finding one ---- */

struct phone *phone_find(const struct core *c, const char *app_id)
{
	return strtab_get(&c->phones_by_app, app_id);
}

struct phone *phone_get(const struct core *c, uint64_t id)
{
	return id ? idtab_get(&c->phones, id) : NULL;
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Language tags are the same in any case (RFC 5646 2.1.1). */
static bool is_same_culture(const char *a, const char *b)
{
	return a && b ? !strcasecmp(a, b) : a == b;
}

struct phone *phone_find_same(const struct user *u, const struct phone_spec *spec)
{
	list_for_each (node, &u->phones) {
		struct phone *p = LIST_ENTRY(node, struct phone, of_user);

		if (is_same(p->endpoint_id, spec->endpoint_id) &&
		    is_same(p->instance_id, spec->instance_id) &&
		    is_same(p->user_agent, spec->user_agent) &&
		    is_same_culture(p->culture, spec->culture))
			return p;
	}
	return NULL;
}

/* ---- changing it ---- */

/* The app knows more of the device when it subscribes to pushes. */
const char *phone_agent(const struct phone *p)
{
	const char *agent = p->subscription.user_agent ? p->subscription.user_agent : p->user_agent;

	return agent ? agent : "";
}

void phone_make_available(struct phone *p)
{
	if (p->available)
		return;
	p->available = true;
	p->media.modalities |= MODALITY_MESSAGING;
	phone_store(p, NULL, NULL);
}

void phone_set_media(struct phone *p, const struct phone_media *media)
{
	p->media.modalities = media->modalities;
	p->media.formats = media->formats;
	p->media.inactive_timeout_ms = media->inactive_timeout_ms;
	mem_set_string(&p->media.phone_number, media->phone_number);
	mem_set_string(&p->media.audio_preference, media->audio_preference);
	phone_store(p, NULL, NULL);
}

void phone_set_subscription(struct phone *p, const struct subscription *s)
{
	static const struct subscription none;

	if (!s)
		s = &none;
	mem_set_string(&p->subscription.platform, s->platform);
	mem_set_string(&p->subscription.notification_uri, s->notification_uri);
	mem_set_string(&p->subscription.device_token, s->device_token);
	mem_set_string(&p->subscription.phone_name, s->phone_name);
	mem_set_string(&p->subscription.user_agent, s->user_agent);
	p->subscription.ended_wall_us = s->ended_wall_us;
}

void phone_set_refused(struct phone *p, const struct subscription *s)
{
	mem_set_string(&p->refused.platform, s ? s->platform : NULL);
	mem_set_string(&p->refused.notification_uri, s ? s->notification_uri : NULL);
	p->refused.wall_us = s ? loop_wall_us(p->user->core->loop) : 0;
}

/* ---- its session ---- */

bool phone_takes_messages(const struct phone *p)
{
	return p->available && p->media.modalities & MODALITY_MESSAGING;
}

bool phone_takes_calls(const struct phone *p)
{
	return p->available && p->media.modalities & MODALITY_PHONE_AUDIO;
}

bool phone_is_mobile(const struct phone *p)
{
	return p->user_agent &&
	       (strstr(p->user_agent, "WPLync") || strstr(p->user_agent, "iPhoneLync"));
}

/* Windows Phone and iPhone leave the app without signing out, and push reaches them for days; other clients are
 * gone when they are silent (Set-CsMcxConfiguration). */
int64_t phone_session_ms(const struct phone *p)
{
	const struct core_config *config = p->user->core->config;

	return phone_is_mobile(p) || p->subscription.platform ? config->session_expiry_ms
							      : config->session_short_expiry_ms;
}

void phone_touch(struct phone *p)
{
	p->touched_ms = loop_now_ms(p->user->core->loop);
	if (p->touched_ms - p->stored_ms > phone_session_ms(p) / STORED_EXPIRY_PARTS)
		phone_store(p, NULL, NULL);
}

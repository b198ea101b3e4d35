/*
 * SIP leg: whether its other end is still there
 */
#include "mcxd/front_end/refresh.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/core/leg.h"
#include "mcxd/front_end/address.h"
#include "mcxd/front_end/answer.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/interval.h"
#include "mcxd/front_end/keep.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/session.h"
#include "mcxd/front_end/way.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/sip/sdp_im.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_tag.h>

/* RFC 4028, 10: the one that does not refresh gives up this much before the end. */
enum { MARGIN_S = 32, MARGIN_SHARE = 3 };

enum { MIN_RETRY_MS = 1000, MAX_RETRY_MS = 60000 };

static void set_timer(struct sip_leg *l);
static void on_due(void *magic);

static void lose(struct sip_leg *l, const char *why)
{
	metric_inc(&l->front_end->metrics.peers_lost_total);
	log_info("front_end", fsm_label(&l->fsm), "%s is not there any more: %s",
		 l->aor ? l->aor : "the other end", why);
	sip_leg_break(l);
}

bool sip_refresh_has_offered(const struct sip_leg *l)
{
	return l->asking && nta_outgoing_method(l->asking) == sip_method_invite;
}

/* ---- when ---- */

static int64_t left_ms(const struct sip_leg *l)
{
	int64_t ms = (l->until_wall_us - loop_wall_us(l->front_end->loop)) / 1000;

	return ms > 0 ? ms : 0;
}

static int64_t margin_ms(const struct sip_leg *l)
{
	int64_t s = l->interval.s / MARGIN_SHARE;

	return (s < MARGIN_S ? s : MARGIN_S) * 1000;
}

/* -1: never. */
static int64_t due_in_ms(const struct sip_leg *l)
{
	int64_t probe_ms = l->front_end->config->probe_interval_ms;
	int64_t early_ms = l->interval.ours ? l->interval.s * 1000 / 2 : margin_ms(l);
	int64_t ms = l->interval.s ? left_ms(l) - early_ms
				   : l->heard_ms + probe_ms - loop_now_ms(l->front_end->loop);

	if (!l->interval.s && !probe_ms)
		return -1;
	return ms > 0 ? ms : 0;
}

static void set_timer_in(struct sip_leg *l, int64_t ms)
{
	loop_timer_set(l->front_end->loop, &l->due, ms, on_due, l);
}

static void set_timer(struct sip_leg *l)
{
	int64_t ms = due_in_ms(l);

	if (ms >= 0)
		set_timer_in(l, ms);
	else
		loop_timer_stop(&l->due);
}

void sip_refresh_start(struct sip_leg *l)
{
	l->heard_ms = loop_now_ms(l->front_end->loop);
	sip_interval_begin(l);
	set_timer(l);
}

void sip_refresh_resume(struct sip_leg *l)
{
	l->heard_ms = loop_now_ms(l->front_end->loop);
	set_timer(l);
}

/* ---- what comes of a question ---- */

static void let_go(struct sip_leg *l)
{
	nta_outgoing_t *asking = l->asking;

	l->asking = NULL;
	nta_outgoing_destroy(asking);
}

static int on_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip);

/* Try the next way. */
static bool ask_again(struct sip_leg *l, nta_outgoing_t *orq)
{
	nta_outgoing_t *again;

	if (!sip_way_turn(l))
		return false;
	again = agent_send_again(l->front_end->agent, orq, l->route, on_answer, l);
	if (!again)
		return false;
	let_go(l);
	l->asking = again;
	return true;
}

/* RFC 3261, 14.1: who has chosen the Call-ID waits 2.1 to 4 s, the other one up to 2 s, in steps of 10 ms. */
static int64_t glare_ms(const struct sip_leg *l)
{
	uint16_t random;

	random_bytes(&random, sizeof(random));
	return l->leg.caller ? random % 201 * 10 : 2100 + random % 191 * 10;
}

/* Before the end of the session, which is looked at then, too. */
static void retry(struct sip_leg *l, int64_t ms)
{
	int64_t left = left_ms(l);

	set_timer_in(l, ms < left ? ms : left);
}

/* As it asks for; else less and less often as the end comes near, but not at once. */
static int64_t retry_after_ms(const struct sip_leg *l, const sip_t *sip)
{
	int64_t ms = sip->sip_retry_after ? (int64_t)sip->sip_retry_after->af_delta * 1000
					  : left_ms(l) / 2;

	if (ms < MIN_RETRY_MS)
		return MIN_RETRY_MS;
	return ms < MAX_RETRY_MS ? ms : MAX_RETRY_MS;
}

static void on_accepted(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *sip)
{
	CLEANUP(sip_session_deinit) struct sip_session session = { .sdp = { .im = false } };
	bool is_invite = nta_outgoing_method(orq) == sip_method_invite;
	const char *why;

	if (nta_outgoing_method(orq) == sip_method_options) {
		set_timer(l);
		return;
	}
	sip_interval_take_answer(l, sip);
	sip_refresh_start(l);
	sip_way_refresh(l, NULL, sip);
	if (!is_invite)
		return;
	sip_way_acknowledge(l, orq, sip);
	if (sip_session_decode(sip, &session, &why) != DIAG_SUCCESS) {
		lose(l, why);
		return;
	}
	l->session = session.sdp;
	l->leg.reads = session.sdp.reads;
}

/* Whatever it says, somebody is there; that the session was not refreshed is a reason to try again as long as it
 * lasts. */
static void on_refused(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *sip)
{
	int status = sip->sip_status->st_status;
	sip_method_t method = nta_outgoing_method(orq);

	if (method == sip_method_options) {
		set_timer(l);
	} else if (status == 491) {
		retry(l, glare_ms(l));
	} else if (status == 422 && sip_interval_grow(l, sip)) {
		set_timer_in(l, 0);
	} else if (method == sip_method_update && status < 500 && !sip->sip_retry_after) {
		l->interval.update = false;
		set_timer_in(l, 0);
	} else {
		retry(l, retry_after_ms(l, sip));
	}
}

static int on_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct sip_leg *l = (struct sip_leg *)magic;
	bool is_internal = nta_sip_is_internal(sip);
	int status = sip ? sip->sip_status->st_status : 408;

	if (status < 200)
		return 0;
	if (is_internal && sip_leg_can_talk(l) && ask_again(l, orq))
		return 0;
	if (!is_internal)
		sip_way_heard(l);
	if (!sip_leg_can_talk(l))
		; /* it has ended meanwhile */
	else if (is_internal || status == 408 || status == 481)
		lose(l, status == 481 ? "it does not know the dialog" : "it does not answer");
	else if (status < 300)
		on_accepted(l, orq, sip);
	else
		on_refused(l, orq, sip);
	let_go(l);
	sip_leg_settle(l);
	return 0;
}

/* ---- the question ---- */

static void probe(struct sip_leg *l)
{
	l->asking = nta_outgoing_tcreate(l->dialog, on_answer, (nta_outgoing_magic_t *)l,
					 agent_url(l->route), SIP_METHOD_OPTIONS, NULL,
					 SIPTAG_ACCEPT_STR(SDP_IM_CONTENT_TYPE), TAG_END());
}

static void refresh(struct sip_leg *l)
{
	CLEANUP(text_deinit) struct text contact = TEXT_INIT;
	CLEANUP(text_deinit) struct text sdp = TEXT_INIT;
	CLEANUP(mem_free_string) char *expires = sip_interval_request_value(l);
	CLEANUP(mem_free_string) char *min = sip_interval_min_value(l);
	bool update = l->interval.update;
	sip_payload_t body[1];

	front_end_contact(l->front_end, l->self, l->transport, &contact);
	if (!update && sip_session_describe(l, NULL, &sdp))
		return;
	sip_payload_init(body);
	body->pl_data = sdp.data;
	body->pl_len = (usize_t)sdp.n;
	l->asking = nta_outgoing_tcreate(
		l->dialog, on_answer, (nta_outgoing_magic_t *)l, agent_url(l->route),
		update ? sip_method_update : sip_method_invite, update ? "UPDATE" : "INVITE", NULL,
		SIPTAG_CONTACT_STR(text_str(&contact)), SIPTAG_SUPPORTED_STR("timer"),
		SIPTAG_SESSION_EXPIRES_STR(expires), SIPTAG_MIN_SE_STR(min),
		SIPTAG_ALLOW_STR(FRONT_END_ALLOW),
		TAG_IF(!update, SIPTAG_CONTENT_TYPE_STR(SDP_IM_CONTENT_TYPE)),
		TAG_IF(!update, SIPTAG_PAYLOAD(body)), TAG_END());
}

/* An offer of theirs that is under way comes first. */
static bool must_wait(const struct sip_leg *l)
{
	return !l->interval.update && (l->has_offered || l->offering);
}

static void ask(struct sip_leg *l)
{
	if (l->interval.s && must_wait(l)) {
		retry(l, glare_ms(l));
		return;
	}
	sip_answer_flush(l);
	sip_keep_local(l);
	if (l->interval.s)
		refresh(l);
	else
		probe(l);
	if (!l->asking)
		lose(l, "nothing can be sent to it");
}

static void on_due(void *magic)
{
	struct sip_leg *l = magic;

	if (!sip_leg_can_talk(l) || l->asking)
		return;
	if (!l->interval.s && due_in_ms(l) != 0)
		set_timer(l); /* it was heard meanwhile, or the setting has changed */
	else if (l->interval.s && (!l->interval.ours || left_ms(l) == 0))
		lose(l, "the session was not refreshed");
	else
		ask(l);
	sip_leg_settle(l);
}

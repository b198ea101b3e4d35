/*
 * SIP leg: its session interval
 */
#include "mcxd/front_end/interval.h"

#include "mcxd/base/loop.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refuse.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/sip/text.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_util.h>
#include <strings.h>

/* One that asks for more than that wants no session timer. */
enum { MAX_INTERVAL_S = 24 * 60 * 60 };

/* They want a longer interval at most this often before an INVITE is given up. */
enum { MAX_GROWTHS = 2 };

static bool knows_timer(const sip_t *sip)
{
	return sip_has_feature(sip->sip_supported, "timer") ||
	       sip_has_feature(sip->sip_require, "timer");
}

static bool takes_update(const sip_t *sip)
{
	return sip_is_allowed(sip->sip_allow, sip_method_update, "UPDATE");
}

static int64_t min_of(const struct sip_leg *l)
{
	int64_t own_s = l->front_end->config->min_session_expires_s;

	return l->interval.min_s > own_s ? l->interval.min_s : own_s;
}

/* What we ask for. */
static int64_t wanted_s(const struct sip_leg *l)
{
	int64_t s = l->front_end->config->session_expires_s, min_s = min_of(l);

	return s && s < min_s ? min_s : s;
}

/* A refresh may have to describe the session, and that of a call is not ours to describe: its clients are probed instead. */
static bool is_wanted(const struct sip_leg *l)
{
	return l->front_end->config->session_expires_s && !l->is_call;
}

bool sip_interval_refuse(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	const sip_session_expires_t *asked = sip->sip_session_expires;
	char header[40];

	if (!s->config->session_expires_s || !asked || !knows_timer(sip) ||
	    (int64_t)asked->x_delta >= s->config->min_session_expires_s)
		return false;
	snprintf(header, sizeof(header), "Min-SE: %lld\r\n",
		 (long long)s->config->min_session_expires_s);
	front_end_refuse(s, irq, DIAG_SESSION_TOO_SHORT, NULL, header);
	return true;
}

void sip_interval_take_request(struct sip_leg *l, const sip_t *sip)
{
	const sip_session_expires_t *asked = sip->sip_session_expires;
	bool knows = knows_timer(sip);
	const char *refresher = asked ? asked->x_refresher : NULL;

	/* A request in the dialog need not say again what its sender allows. */
	if (sip->sip_allow)
		l->interval.update = takes_update(sip);
	l->interval.s = 0;
	if (!is_wanted(l) || (!asked && !knows))
		return;
	if (sip->sip_min_se && (int64_t)sip->sip_min_se->min_delta > l->interval.min_s)
		l->interval.min_s = (int64_t)sip->sip_min_se->min_delta;
	l->interval.s = wanted_s(l);
	if (asked && (int64_t)asked->x_delta < l->interval.s)
		l->interval.s = (int64_t)asked->x_delta;
	/* That of a proxy, behind a client that could not ask again: it is probed instead. */
	if (l->interval.s < l->front_end->config->min_session_expires_s ||
	    l->interval.s > MAX_INTERVAL_S)
		l->interval.s = 0;
	/* RFC 4028, 9, table 2 */
	l->interval.ours = !knows || (refresher && strcasecmp(refresher, "uas") == 0);
}

void sip_interval_take_answer(struct sip_leg *l, const sip_t *sip)
{
	const sip_session_expires_t *said = sip->sip_session_expires;

	if (sip->sip_allow)
		l->interval.update = takes_update(sip);
	l->interval.s = 0;
	if (!is_wanted(l) || !said || said->x_delta > MAX_INTERVAL_S)
		return;
	/* Whatever it says, a refresh every few seconds is none of what we agree to. */
	l->interval.s = (int64_t)said->x_delta;
	if (l->interval.s < l->front_end->config->min_session_expires_s)
		l->interval.s = l->front_end->config->min_session_expires_s;
	l->interval.ours = !said->x_refresher || strcasecmp(said->x_refresher, "uas") != 0;
}

void sip_interval_begin(struct sip_leg *l)
{
	l->until_wall_us = loop_wall_us(l->front_end->loop) + l->interval.s * 1000000;
}

bool sip_interval_add_value(const struct sip_leg *l, struct text *out)
{
	if (!l->interval.s)
		return false;
	text_add_signed(out, l->interval.s);
	text_add_all(out, ";refresher=", l->interval.ours ? "uas" : "uac");
	return !l->interval.ours;
}

void sip_interval_add_answer(const struct sip_leg *l, struct sip_text *m)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;

	if (sip_interval_add_value(l, &value))
		sip_text_header(m, "Require", "timer");
	if (value.n > 0)
		sip_text_header(m, "Session-Expires", text_str(&value));
}

void sip_interval_add_request(const struct sip_leg *l, struct sip_text *m)
{
	if (!is_wanted(l))
		return;
	sip_text_header(m, "Supported", "timer");
	sip_text_number(m, "Session-Expires", (uint64_t)wanted_s(l));
	sip_text_number(m, "Min-SE", (uint64_t)min_of(l));
}

char *sip_interval_request_value(const struct sip_leg *l)
{
	int64_t min_s = min_of(l);

	return text_format("%lld;refresher=%s",
			   (long long)(l->interval.s < min_s ? min_s : l->interval.s),
			   l->interval.ours ? "uac" : "uas");
}

char *sip_interval_min_value(const struct sip_leg *l)
{
	return text_format("%lld", (long long)min_of(l));
}

bool sip_interval_grow(struct sip_leg *l, const sip_t *sip)
{
	int64_t min_s = sip->sip_min_se ? (int64_t)sip->sip_min_se->min_delta : 0;

	if (!is_wanted(l) || min_s <= wanted_s(l) || min_s > MAX_INTERVAL_S ||
	    l->interval.n_growths >= MAX_GROWTHS)
		return false;
	l->interval.min_s = min_s;
	l->interval.n_growths++;
	return true;
}

nta_outgoing_t *sip_interval_invite_again(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *sip,
					  nta_response_f *on_response)
{
	char expires[TEXT_NUMBER_SIZE], min[TEXT_NUMBER_SIZE];

	if (!sip_interval_grow(l, sip))
		return NULL;
	return agent_send_changed(
		l->front_end->agent, orq, l->route,
		&(struct agent_change){ .session_expires = text_number(expires, wanted_s(l)),
					.min_se = text_number(min, (uint64_t)min_of(l)) },
		on_response, l);
}

/*
 * Clients that send messages outside a dialog
 */
#include "pager_fixture.h"

#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/front_end_fixture.h"
#include "tests/loop/raw.h"

int pager_setup(void **state)
{
	int rc = fixture_setup(state);
	struct front_end_fixture *f = *state;

	f->core_config.pager_idle_ms = IDLE_MS;
	f->core_config.call_timeout_ms = 30000;
	return rc;
}

/* ---- what clients send ---- */

static unsigned n_pages;

void page(struct raw *r, const struct page *p)
{
	const char *from = p->from ? p->from : "alice", *to = p->to ? p->to : "bob";
	unsigned n = ++n_pages;

	raw_sendf(r,
		  "MESSAGE sip:%s@lab.test SIP/2.0\n"
		  "Via: SIP/2.0/%s %s;branch=z9hG4bKpg%u;rport\n"
		  "From: <sip:%s@lab.test>;tag=t%u\nTo: <sip:%s@lab.test>\nCall-ID: pg%u\n"
		  "CSeq: 7 MESSAGE\nMax-Forwards: 70\n%s"
		  "Content-Type: %s\nContent-Length: %zu\n\n%s",
		  to, r->stream ? "TCP" : "UDP", r->local, n, from, n, to, n,
		  p->headers ? p->headers : "", p->type ? p->type : "text/plain;charset=UTF-8",
		  strlen(p->body), p->body);
}

void say(struct raw *r, const char *text)
{
	page(r, &(struct page){ .body = text });
}

void client(struct front_end_fixture *f, struct raw *r, const char *user)
{
	raw_tcp(r, f->loop, fixture_tcp(f));
	raw_sendf(r,
		  "REGISTER sip:lab.test SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKreg\n"
		  "From: <sip:%s@lab.test>;tag=r1\nTo: <sip:%s@lab.test>\nCall-ID: reg-%s\n"
		  "CSeq: 1 REGISTER\nMax-Forwards: 70\nContact: <sip:%s@%s;transport=tcp>\n"
		  "Content-Length: 0\n\n",
		  r->local, user, user, r->local, user, r->local);
	free(raw_expect(r, "SIP/2.0 200"));
}

void expect_body(const char *message, const char *body)
{
	assert_string_equal(sip_body(message), body);
}

void take(struct raw *r, const char *body, const char *status)
{
	CLEANUP(mem_free_string) char *message = raw_expect(r, "MESSAGE ");

	expect_body(message, body);
	fixture_answer(r, message, status, "", "");
}

/* ---- what the phone does ---- */

uint64_t conversation_of(struct front_end_fixture *f)
{
	const struct event *e = fixture_event(f, EVENT_INVITATION_STARTED);

	assert_non_null(e);
	return e->conversation;
}

void phone_says(struct front_end_fixture *f, uint64_t conversation, const char *text)
{
	const struct im im = { .content_type = "text/plain", .body = text, .n_body = strlen(text) };
	uint64_t message;

	assert_int_equal(phone_leg_say(f->phone, conversation, &im, &message), PHONE_OK);
}

const struct event *wait_event(struct front_end_fixture *f, enum event_kind kind)
{
	for (int i = 0; i < 5000 && !fixture_event(f, kind); i++)
		run_rounds(f->loop, 1);
	assert_non_null(fixture_event(f, kind));
	return fixture_event(f, kind);
}

static void texts(struct front_end_fixture *f, struct text *ret)
{
	text_reset(ret);
	list_for_each (node, &f->phone->events.events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (e->kind == EVENT_MESSAGE_COMPLETED && !e->outgoing)
			text_add_all(ret, e->text, "; ");
	}
}

void expect_texts(struct front_end_fixture *f, const char *expected)
{
	CLEANUP(text_deinit) struct text heard = TEXT_INIT;

	texts(f, &heard);
	assert_string_equal(text_str(&heard), expected);
}

void no_conversation(struct front_end_fixture *f)
{
	run_rounds(f->loop, 5);
	assert_null(fixture_conversation(f));
	assert_int_equal(f->alice->conversations.used, 0);
	assert_int_equal(f->bob->conversations.used, 0);
}

/*
 * Messages of a SIP client with a store on disk: what is known of them after a restart is what has been stored.
 */
#include "front_end_fixture.h"
#include "stored_fixture.h"
#include "synced_vfs.h"
#include "tests/unit/store_rows.h"

#include "mcxd/base/loop.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/store_row.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/store/sqlite.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

static struct sqlite_store *disk;

static int setup(void **state)
{
	int rc = fixture_setup(state);
	struct front_end_fixture *f = *state;

	disk = stored_open(f->core, f->loop, f->metrics);
	return rc;
}

static int teardown(void **state)
{
	struct front_end_fixture *f = *state;

	stored_close(f->core, f->store);
	return fixture_teardown(state);
}

static void wait_for_metric(struct front_end_fixture *f, const char *name, int64_t value)
{
	int64_t until_ms = loop_real_ms(f->loop) + 20000;

	while (fixture_metric(f, name) != value) {
		assert_true(loop_real_ms(f->loop) < until_ms);
		loop_step(f->loop, 10);
	}
}

/* The highest number that a restarted process would take for one that it knows. */
static uint64_t known_after_a_restart(struct front_end_fixture *f)
{
	struct loaded l;
	uint64_t cseq = 0;

	wait_for_metric(f, "store_pending", 0);
	load_rows(&sqlite_store_port, disk, &l);
	for (size_t i = 0; i < l.n; i++)
		if (l.rows[i]->kind == STORE_CSEQ)
			cseq = l.rows[i]->cseq.remote;
	free_loaded(&l);
	return cseq;
}

static void say(struct sip_call *c, unsigned cseq)
{
	fixture_in_dialog(&c->r, c->answer, "MESSAGE", cseq, "text/plain", "Hello");
}

static void expect_say(struct sip_call *c, unsigned cseq, const char *status)
{
	say(c, cseq);
	free(raw_expect(&c->r, status));
}

static void call_connect(struct sip_call *c, struct front_end_fixture *f)
{
	call_ring(c, f, true);
	call_answer(c);
	fixture_ack(&c->r, c->answer);
}

static void test_what_was_not_stored_is_not_known(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_connect(&c, f);
	expect_say(&c, 2, "SIP/2.0 200 ");
	assert_int_equal(known_after_a_restart(f), 2);
	synced_vfs_set_full(true);
	expect_say(&c, 3, "SIP/2.0 503 ");
	expect_say(&c, 4, "SIP/2.0 503 ");
	synced_vfs_set_full(false);
	wait_for_metric(f, "store_failing", 0);
	assert_int_equal(known_after_a_restart(f), 2);
	expect_say(&c, 5, "SIP/2.0 200 ");
	assert_int_equal(known_after_a_restart(f), 5);
	call_hang_up(&c);
	wait_for_metric(f, "store_pending", 0);
	call_over(&c);
}

/* Its queue is full, so nothing of it goes to the store. */
static void test_what_was_refused_is_not_known(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_connect(&c, f);
	expect_say(&c, 2, "SIP/2.0 200 ");
	f->core_config.max_events = 1;
	core_apply_config(f->core);
	expect_say(&c, 3, "SIP/2.0 503 ");
	assert_int_equal(known_after_a_restart(f), 2);
	call_hang_up(&c);
	call_over(&c);
}

/* The server ends in good order while a message waits for the disk. */
static void test_the_end_waits_for_what_is_held(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_connect(&c, f);
	expect_say(&c, 2, "SIP/2.0 200 ");
	wait_for_metric(f, "store_pending", 0);
	assert_true(core_is_idle(f->core));
	stored_run_sql("BEGIN IMMEDIATE");
	say(&c, 3);
	run_rounds(f->loop, 5);
	core_stop(f->core);
	assert_false(core_is_idle(f->core));
	say(&c, 4);
	CLEANUP(mem_free_string) char *refusal = raw_expect(&c.r, "SIP/2.0 503 ");
	assert_string_equal(sip_header(refusal, "CSeq", 0), "4 MESSAGE");
	assert_non_null(sip_header(refusal, "Retry-After", 0));
	stored_run_sql("ROLLBACK");
	CLEANUP(mem_free_string) char *answer = raw_expect(&c.r, "SIP/2.0 200 ");
	assert_string_equal(sip_header(answer, "CSeq", 0), "3 MESSAGE");
	assert_true(core_is_idle(f->core));
	assert_int_equal(known_after_a_restart(f), 3);
	call_hang_up(&c);
	wait_for_metric(f, "store_pending", 0);
	call_over(&c);
}

/* She is still at it when the server ends. Her dialog is kept for the next process, and no timer of it is left in the loop. */
static void test_the_end_while_she_types(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	f->config.typing_timeout_ms = 120000;
	call_connect(&c, f);
	fixture_in_dialog(&c.r, c.answer, "INFO", 2, "application/xml",
			  "<KeyboardActivity><status status=\"type\"/></KeyboardActivity>");
	free(raw_expect(&c.r, "SIP/2.0 200 "));
	wait_for_metric(f, "store_pending", 0);
	assert_true(phone_leg_peer_types(phone_leg_find(f->phone, c.conversation)));
	f->core = core_free(f->core);
	assert_int_equal(fixture_metric(f, "front_end_dialogs"), 0);
	raw_expect_silence(&c.r, 20); /* no BYE: it goes on */
	fixture_advance(f, f->config.typing_timeout_ms);
	free(c.ringing);
	free(c.answer);
	raw_close(&c.r);
}

/* A restarted process would look for her where she was; so she is told only when it is in the store where she is. */
static void test_target_refresh_is_stored_first(void **state)
{
	const struct in_dialog update = { .method = "UPDATE",
					  .cseq = 2,
					  .contact = "sip:moved@127.0.0.1:5999" };
	struct front_end_fixture *f = *state;
	struct sip_call c;
	struct loaded l;

	call_connect(&c, f);
	wait_for_metric(f, "store_pending", 0);
	stored_run_sql("BEGIN IMMEDIATE");
	fixture_send_in_dialog(&c.r, c.answer, &update);
	raw_expect_silence(&c.r, 20);
	fixture_in_dialog(&c.r, c.answer, "INVITE", 3, "application/sdp", IM_SDP);
	CLEANUP(mem_free_string) char *later = raw_expect(&c.r, "SIP/2.0 500 ");
	assert_non_null(sip_header(later, "Retry-After", 0));
	stored_run_sql("ROLLBACK");
	CLEANUP(mem_free_string) char *answer = raw_expect(&c.r, "SIP/2.0 200 ");
	assert_string_equal(sip_header(answer, "CSeq", 0), "2 UPDATE");
	load_rows(&sqlite_store_port, disk, &l);
	for (size_t i = 0; i < l.n; i++)
		if (l.rows[i]->kind == STORE_DIALOG)
			assert_string_equal(l.rows[i]->dialog.remote_target,
					    "sip:moved@127.0.0.1:5999");
	free_loaded(&l);
	call_hang_up(&c);
	wait_for_metric(f, "store_pending", 0);
	call_over(&c);
}

/* It ends while the answer waits. */
static void test_end_before_a_target_refresh_is_stored(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_connect(&c, f);
	wait_for_metric(f, "store_pending", 0);
	stored_run_sql("BEGIN IMMEDIATE");
	fixture_in_dialog(&c.r, c.answer, "UPDATE", 2, NULL, NULL);
	run_rounds(f->loop, 5);
	call_hang_up(&c);
	run_rounds(f->loop, 5);
	stored_run_sql("ROLLBACK");
	wait_for_metric(f, "store_pending", 0);
	call_over(&c);
}

/* ---- two SIP clients: what they offer passes ---- */

struct pair {
	struct front_end_fixture *f;
	struct raw alice, bob;
	char *invite, *answer; /* as Bob and Alice received them */
};

static void bob_accepts(struct pair *p, const char *request)
{
	CLEANUP(mem_free_string)
	char *headers = text_format("Contact: <sip:bob@%s;transport=tcp>\r\n"
				    "Content-Type: application/sdp\r\n",
				    p->bob.local);

	fixture_answer(&p->bob, request, "200 OK", headers, IM_SDP);
}

static void pair_talk(struct pair *p, struct front_end_fixture *f)
{
	*p = (struct pair){ .f = f };
	raw_tcp(&p->bob, f->loop, fixture_tcp(f));
	fixture_register_contact(&p->bob, p->bob.local);
	raw_tcp(&p->alice, f->loop, fixture_tcp(f));
	fixture_send_invite(&p->alice, &(struct invite){ .call_id = "pair" });
	p->invite = raw_expect(&p->bob, "INVITE ");
	bob_accepts(p, p->invite);
	free(raw_expect(&p->bob, "ACK "));
	p->answer = raw_skip_to(&p->alice, "SIP/2.0 200 ");
	fixture_ack(&p->alice, p->answer);
	run_rounds(f->loop, 5);
	wait_for_metric(f, "store_pending", 0);
}

static void pair_over(struct pair *p)
{
	wait_for_metric(p->f, "store_pending", 0);
	run_rounds(p->f->loop, 5);
	assert_int_equal(fixture_metric(p->f, "front_end_dialogs"), 0);
	free(p->invite);
	free(p->answer);
	raw_close(&p->alice);
	raw_close(&p->bob);
}

static void pair_hang_up(struct pair *p)
{
	fixture_in_dialog(&p->alice, p->answer, "BYE", 90, NULL, NULL);
	free(raw_expect(&p->alice, "SIP/2.0 200"));
	free(raw_expect(&p->bob, "BYE "));
	pair_over(p);
}

static void expect_answer(struct raw *r, const char *start, const char *cseq)
{
	CLEANUP(mem_free_string) char *answer = raw_skip_to(r, start);

	assert_string_equal(sip_header(answer, "CSeq", 0), cseq);
}

/* One at a time: while the 200 to hers waits, another offer does not pass, and nothing takes the 200's place. */
static void test_offer_while_an_answer_waits(void **state)
{
	struct front_end_fixture *f = *state;
	struct pair p;

	pair_talk(&p, f);
	stored_run_sql("BEGIN IMMEDIATE");
	fixture_in_dialog(&p.alice, p.answer, "INVITE", 2, NULL, NULL);
	raw_expect_silence(&p.alice, 20);
	fixture_in_dialog(&p.alice, p.answer, "INVITE", 3, "application/sdp", IM_SDP);
	expect_answer(&p.alice, "SIP/2.0 491 ", "3 INVITE");
	fixture_in_dialog(&p.alice, p.answer, "ACK", 3, NULL, NULL);
	raw_expect_silence(&p.bob, 5);
	stored_run_sql("ROLLBACK");
	CLEANUP(mem_free_string) char *offer = raw_expect(&p.alice, "SIP/2.0 200 ");
	assert_string_equal(sip_header(offer, "CSeq", 0), "2 INVITE");
	fixture_in_dialog(&p.alice, offer, "ACK", 2, "application/sdp", IM_SDP);
	pair_hang_up(&p);
}

/* She acknowledges what she has not received: that changes nothing. */
static void test_ack_while_an_answer_waits(void **state)
{
	struct front_end_fixture *f = *state;
	struct pair p;

	pair_talk(&p, f);
	stored_run_sql("BEGIN IMMEDIATE");
	fixture_in_dialog(&p.alice, p.answer, "INVITE", 2, NULL, NULL);
	run_rounds(f->loop, 5);
	fixture_in_dialog(&p.alice, p.answer, "ACK", 2, "application/sdp", IM_SDP);
	run_rounds(f->loop, 5);
	stored_run_sql("ROLLBACK");
	expect_answer(&p.alice, "SIP/2.0 200 ", "2 INVITE");
	fixture_in_dialog(&p.alice, p.answer, "ACK", 2, "application/sdp", IM_SDP);
	pair_hang_up(&p);
}

static void test_passed_refresh_is_stored_first(void **state)
{
	static const char *const methods[] = { "INVITE", "UPDATE" };
	struct front_end_fixture *f = *state;
	struct pair p;

	pair_talk(&p, f);
	for (unsigned i = 0; i < ARRAY_SIZE(methods); i++) {
		CLEANUP(mem_free_string) char *cseq = text_format("%u %s", 2 + i, methods[i]);

		stored_run_sql("BEGIN IMMEDIATE");
		fixture_in_dialog(&p.alice, p.answer, methods[i], 2 + i, "application/sdp", IM_SDP);
		CLEANUP(mem_free_string) char *passed = raw_expect(&p.bob, methods[i]);
		if (!i)
			free(raw_expect(&p.alice, "SIP/2.0 100 "));
		bob_accepts(&p, passed);
		if (!i)
			free(raw_expect(&p.bob, "ACK "));
		raw_expect_silence(&p.alice, 20);
		stored_run_sql("ROLLBACK");
		expect_answer(&p.alice, "SIP/2.0 200 ", cseq);
		if (!i)
			fixture_in_dialog(&p.alice, p.answer, "ACK", 2, NULL, NULL);
		run_rounds(f->loop, 5);
		wait_for_metric(f, "store_pending", 0);
	}
	pair_hang_up(&p);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(what_was_not_stored_is_not_known), CASE(what_was_refused_is_not_known),
		CASE(the_end_waits_for_what_is_held),   CASE(the_end_while_she_types),
		CASE(target_refresh_is_stored_first),   CASE(end_before_a_target_refresh_is_stored),
		CASE(offer_while_an_answer_waits),      CASE(ack_while_an_answer_waits),
		CASE(passed_refresh_is_stored_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

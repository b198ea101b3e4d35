/*
 * Front end fixture
 */
#include "agent_limits.h"
#include "front_end_fixture.h"
#include "mcxd/base/fault.h"
#include "mcxd/base/guess.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/life.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/net/hosts.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/stack.h"
#include "mcxd/store/store.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#include <unistd.h>

static void wake(void *adapter, uint64_t poll_id)
{
	struct front_end_fixture *f = adapter;

	(void)poll_id;
	f->woken = true;
}

static const struct poll_port poll_port = { .wake = wake };

static void make_core(struct front_end_fixture *f)
{
	static char fqdn[] = "fe.lab.test";
	struct user_spec spec = { .aor = "alice@lab.test",
				  .display_name = "Alice",
				  .password = "secret",
				  .policy = { .enable_mobility = true, .enable_push = true } };

	f->core_config = (struct core_config){
		.server_fqdn = fqdn,
		.invite_timeout_ms = 60000,
		.phone_linger_ms = 10000,
		.hang_up_linger_ms = 2000,
		.poll_timeout_ms = 180000,
		.session_expiry_ms = 259200000,
		.session_short_expiry_ms = 3600000,
		.repeat_window_ms = 2000,
		.min_expires_s = 60,
		.default_expires_s = 600,
		.max_expires_s = 7200,
		.max_endpoints = 3,
		.max_phones = 3,
		.max_conversations = 8,
		.max_watched = 100,
		.max_events = 100,
		.max_missed = 5,
		.max_recent = 5,
		.max_message_bytes = 2000,
		.max_history = 20,
		.enable_microsoft_push = true,
		.max_preview = 255,
		.withdraw_pushes = true,
		.enable_apple_push = true,
		.max_waiting_pushes = 100,
	};
	f->store = store_new(f->loop, true);
	f->core = core_new(&(struct core_args){
		.loop = f->loop,
		.journal = f->journal,
		.metrics = f->metrics,
		.config = &f->core_config,
		.ports = &(struct ports){ .push = &front_end_push_port,
					  .push_adapter = f->front_end,
					  .poll = &poll_port,
					  .poll_adapter = f,
					  .dial = &front_end_dial_port,
					  .dial_adapter = f->front_end,
					  .phone = &front_end_phone_port,
					  .phone_adapter = f->front_end,
					  .presence = &front_end_presence_port,
					  .presence_adapter = f->front_end,
					  .store = &store_memory_port,
					  .store_adapter = f->store },
	});
	assert_int_equal(user_add(f->core, &spec, &f->alice), 0);
	spec.aor = "bob@lab.test";
	spec.display_name = "Bob";
	assert_int_equal(user_add(f->core, &spec, &f->bob), 0);
}

int fixture_setup_with(void **state, void (*change)(struct front_end_config *config))
{
	struct front_end_fixture *f = MEM_NEW(struct front_end_fixture);

	assert_int_equal(loop_new(&f->loop), 0);
	f->hosts = hosts_new();
	assert_int_equal(stack_new(f->loop, f->hosts, &f->stack), 0);
	f->journal = journal_new(f->loop, &(struct journal_config){ 10000, 1 << 24 });
	f->metrics = metrics_new();
	f->faults = faults_new(f->loop, f->journal);
	f->edge_listener = raw_listen(f->edge);
	f->next_hop = text_format("sip:%s;transport=tcp", f->edge);
	f->config = (struct front_end_config){
		.agent = { .udp = "127.0.0.1:0",
			   .tcp = "127.0.0.1:0",
			   AGENT_LIMITS, },
		.push_next_hop = f->next_hop,
		.push_target = "sip:push@push.lync.com",
		.edge_fqdn = "edge.lab.test",
		.push_timeout_ms = 10000,
		.max_message_bytes = 2000,
		.max_held_messages = 4,
		.max_subscriptions = 100,
		.pager_wait_ms = 500,
	};
	if (change)
		change(&f->config);
	f->guesses = guesses_new(f->loop, &GUESS_CONFIG_DEFAULT, f->metrics);
	assert_int_equal(front_end_new(&(struct front_end_args){ .loop = f->loop,
								 .guesses = f->guesses,
								 .stack = f->stack,
								 .journal = f->journal,
								 .metrics = f->metrics,
								 .faults = f->faults,
								 .config = &f->config },
				       &f->front_end),
			 0);
	make_core(f);
	front_end_attach(f->front_end, f->core);
	*state = f;
	return 0;
}

int fixture_setup(void **state)
{
	return fixture_setup_with(state, NULL);
}

int fixture_teardown(void **state)
{
	struct front_end_fixture *f = *state;

	run_rounds(f->loop, 5);
	assert_int_equal(fixture_metric(f, "front_end_dialog_events_unexpected_total"), 0);
	core_free(f->core);
	front_end_free(f->front_end);
	guesses_free(f->guesses);
	run_rounds(f->loop, 3);
	store_free(f->store);
	metrics_free(f->metrics);
	faults_free(f->faults);
	journal_free(f->journal);
	stack_free(f->stack);
	hosts_free(f->hosts);
	loop_free(f->loop);
	close(f->edge_listener);
	free(f->next_hop);
	free(f);
	return 0;
}

static void on_signed_in(void *magic, enum phone_result result, uint64_t phone_id, bool is_new)
{
	struct front_end_fixture *f = magic;

	assert_true(is_new);
	assert_int_equal(result, PHONE_OK);
	f->phone = phone_get(f->core, phone_id);
}

void fixture_phone_of(struct front_end_fixture *f, struct user *u, bool subscribed)
{
	char platform[] = "windowsPhone", uri[] = "http://127.0.0.1:9/throttledthirdparty/01.00/x";
	char agent[] = "WPLync/4.1.7947.0 (Microsoft Windows CE 7.10.7720)";
	struct subscription s = { .platform = platform,
				  .notification_uri = uri,
				  .user_agent = agent };

	f->phone = NULL;
	session_sign_in(u, &(struct phone_spec){ .endpoint_id = "e1", .user_agent = agent },
			on_signed_in, f);
	for (int i = 0; i < 1000 && !f->phone; i++) /* a disk takes its time */
		loop_step(f->loop, 10);
	assert_non_null(f->phone);
	phone_make_available(f->phone);
	if (subscribed)
		assert_int_equal(session_subscribe(f->phone, &s), PHONE_OK);
}

void fixture_phone(struct front_end_fixture *f, bool subscribed)
{
	fixture_phone_of(f, f->bob, subscribed);
}

static void on_advanced(void *magic)
{
	*(bool *)magic = true;
}

void fixture_advance(struct front_end_fixture *f, int64_t ms)
{
	bool done = false;

	loop_advance(f->loop, ms, on_advanced, &done);
	assert_true(run_until(f->loop, &done));
}

const char *fixture_tcp(const struct front_end_fixture *f)
{
	return agent_tcp(front_end_agent(f->front_end));
}

const char *fixture_udp(const struct front_end_fixture *f)
{
	return agent_udp(front_end_agent(f->front_end));
}

int64_t fixture_metric(const struct front_end_fixture *f, const char *name)
{
	const struct metric *m = metrics_find(f->metrics, name);

	assert_non_null(m);
	return m->value;
}

struct conversation *fixture_conversation(const struct front_end_fixture *f)
{
	struct conversation *v, *last = NULL;
	uint64_t cursor = 0;

	while ((v = conversation_next(f->core, &cursor)))
		last = v;
	return last;
}

const struct event *fixture_event(const struct front_end_fixture *f, enum event_kind kind)
{
	const struct event *found = NULL;

	list_for_each (node, &f->phone->events.events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (e->kind == kind)
			found = e;
	}
	return found;
}

char *fixture_register(struct raw *r, const char *call_id, unsigned cseq, const char *headers)
{
	raw_sendf(r,
		  "REGISTER sip:lab.test SIP/2.0\n"
		  "Via: SIP/2.0/%s %s;branch=z9hG4bK%s-%u\n"
		  "From: <sip:bob@lab.test>;tag=r1;epid=01010101\n"
		  "To: <sip:bob@lab.test>\nCall-ID: %s\nCSeq: %u REGISTER\nMax-Forwards: 70\n"
		  "User-Agent: UCCAPI/4.0\n%s"
		  "Content-Length: 0\n\n",
		  r->stream ? "TCP" : "UDP", r->local, call_id, cseq, call_id, cseq, headers);
	return raw_expect(r, "SIP/2.0 ");
}

void fixture_register_contact(struct raw *r, const char *address)
{
	CLEANUP(mem_free_string)
	char *contact = text_format("Contact: <sip:bob@%s;transport=tcp>\n", address);

	free(fixture_register(r, address, 1, contact));
}

void fixture_send_invite(struct raw *r, const struct invite *inv)
{
	const char *to = inv->to ? inv->to : "bob@lab.test";
	const char *body = inv->body ? inv->body : IM_SDP;
	const char *transport = r->stream ? "TCP" : "UDP";
	unsigned cseq = inv->cseq ? inv->cseq : 1;

	raw_sendf(r,
		  "INVITE sip:%s SIP/2.0\n"
		  "Via: SIP/2.0/%s %s;branch=z9hG4bK%s\n"
		  "From: \"Alice\" <sip:alice@lab.test>;tag=a1;epid=8e6a6acdd05a\n"
		  "To: \"%s\" <sip:%s>\nCall-ID: %s\nCSeq: %u INVITE\nMax-Forwards: %s\n"
		  "Contact: <sip:alice@%s;transport=%s>\n%s"
		  "Content-Type: %s\nContent-Length: %zu\n\n%s",
		  to, transport, r->local, inv->branch ? inv->branch : inv->call_id,
		  inv->to_name ? inv->to_name : "Bob B", to, inv->call_id, cseq,
		  inv->hops ? inv->hops : "70", inv->contact ? inv->contact : r->local, transport,
		  inv->headers ? inv->headers : "", inv->type ? inv->type : "application/sdp",
		  strlen(body), body);
}

/* Header values of an answer, each in memory of its own. */
struct dialog {
	char *from, *to, *call_id, *target;
};

static void dialog_of(const char *answer, struct dialog *ret)
{
	bool upper = sip_header(answer, "FROM", 0);
	const char *contact;

	ret->from = mem_strdup(sip_header(answer, upper ? "FROM" : "From", 0));
	ret->to = mem_strdup(sip_header(answer, upper ? "TO" : "To", 0));
	ret->call_id = mem_strdup(sip_header(answer, upper ? "CALL-ID" : "Call-ID", 0));
	contact = sip_header(answer, upper ? "CONTACT" : "Contact", 0);
	assert_true(ret->from && ret->to && ret->call_id && contact);
	contact = strchr(contact, '<');
	assert_non_null(contact);
	ret->target = mem_memdup(contact + 1, strcspn(contact + 1, ">"));
}

static void dialog_deinit(struct dialog *d)
{
	free(d->from);
	free(d->to);
	free(d->call_id);
	free(d->target);
}

void fixture_send_in_dialog(struct raw *r, const char *answer, const struct in_dialog *request)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	CLEANUP(mem_free_string) char *contact = text_concat("sip:x@", r->local);
	const char *body = request->body ? request->body : "";
	static unsigned branch;
	struct dialog d;

	dialog_of(answer, &d);
	text_addf(&out,
		  "%s %s SIP/2.0\r\nVia: SIP/2.0/%s %s;branch=z9hG4bKd%u\r\nFrom: %s\r\nTo: %s\r\n"
		  "Call-ID: %s\r\nCSeq: %u %s\r\nMax-Forwards: 70\r\nContact: <%s>\r\n"
		  "%s%s%s%sContent-Length: %zu\r\n\r\n%s",
		  request->method, d.target, r->stream ? "TCP" : "UDP", r->local, ++branch, d.from,
		  d.to, d.call_id, request->cseq, request->method,
		  request->contact ? request->contact : contact,
		  request->headers ? request->headers : "", request->type ? "Content-Type: " : "",
		  request->type ? request->type : "", request->type ? "\r\n" : "", strlen(body),
		  body);
	raw_send(r, out.data, out.n);
	dialog_deinit(&d);
}

void fixture_in_dialog(struct raw *r, const char *answer, const char *method, unsigned cseq,
		       const char *type, const char *body)
{
	fixture_send_in_dialog(
		r, answer,
		&(struct in_dialog){ .method = method, .cseq = cseq, .type = type, .body = body });
}

void fixture_ack(struct raw *r, const char *answer)
{
	fixture_in_dialog(r, answer, "ACK", 1, NULL, NULL);
}

void fixture_answer(struct raw *r, const char *request, const char *status, const char *headers,
		    const char *body)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	static const char *const names[] = { "Via", "From", "To", "Call-ID", "CSeq" };

	text_addf(&out, "SIP/2.0 %s\r\n", status);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		for (int n = 0; sip_header(request, names[i], n); n++) {
			text_addf(&out, "%s: %s", names[i], sip_header(request, names[i], n));
			if (!strcmp(names[i], "To") &&
			    !strstr(sip_header(request, "To", 0), ";tag=") &&
			    strncmp(status, "100", 3) != 0)
				text_add(&out, ";tag=callee;epid=0a0b0c");
			text_add(&out, "\r\n");
		}
	}
	text_addf(&out, "%sContent-Length: %zu\r\n\r\n%s", headers, strlen(body), body);
	raw_send(r, out.data, out.n);
}

void call_ring(struct sip_call *c, struct front_end_fixture *f, bool tcp)
{
	*c = (struct sip_call){ .f = f };
	if (!f->phone)
		fixture_phone(f, false);
	if (tcp)
		raw_tcp(&c->r, f->loop, fixture_tcp(f));
	else
		raw_udp(&c->r, f->loop, fixture_udp(f));
	fixture_send_invite(&c->r, &(struct invite){ .call_id = "call", .headers = FIRST_LINE });
	free(raw_expect(&c->r, "SIP/2.0 100 "));
	c->ringing = raw_expect(&c->r, "SIP/2.0 180 Ringing\r\n");
	assert_non_null(fixture_conversation(f));
	c->conversation = fixture_conversation(f)->id;
}

void call_answer(struct sip_call *c)
{
	assert_int_equal(phone_callee_accept(c->f->phone, c->conversation), PHONE_OK);
	c->answer = raw_expect(&c->r, "SIP/2.0 200 OK\r\n");
}

void call_hang_up(struct sip_call *c)
{
	fixture_in_dialog(&c->r, c->answer, "BYE", 100, NULL, NULL);
	free(raw_skip_to(&c->r, "SIP/2.0 200 OK\r\n"));
}

void call_over(struct sip_call *c)
{
	run_rounds(c->f->loop, 5);
	assert_int_equal(fixture_metric(c->f, "front_end_dialogs"), 0);
	assert_null(fixture_conversation(c->f));
	free(c->ringing);
	free(c->answer);
	raw_close(&c->r);
}

void fixture_callee_says(struct raw *bob, const char *invite, const char *method, unsigned cseq,
			 const char *type, const char *body)
{
	CLEANUP(mem_free_string) char *from = mem_strdup(sip_header(invite, "From", 0));
	CLEANUP(mem_free_string) char *call_id = mem_strdup(sip_header(invite, "Call-ID", 0));
	const char *contact = sip_header(invite, "Contact", 0) + 1;
	CLEANUP(mem_free_string) char *target = mem_memdup(contact, strcspn(contact, ">"));

	raw_sendf(bob,
		  "%s %s SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKb%u\n"
		  "From: <sip:bob@lab.test>;tag=callee;epid=0a0b0c\nTo: %s\nCall-ID: %s\n"
		  "CSeq: %u %s\nMax-Forwards: 70\n%s%s%sContent-Length: %zu\n\n%s",
		  method, target, bob->local, cseq, from, call_id, cseq, method,
		  type ? "Content-Type: " : "", type ? type : "", type ? "\n" : "",
		  body ? strlen(body) : 0, body ? body : "");
}

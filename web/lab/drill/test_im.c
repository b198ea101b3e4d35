/*
 * Lab API: the test of instant messages
 *
 * Test-CsMcxP2PIM of Lync Server 2010: two users sign in with phones of their own, and each sends the other an instant
 * message. The outcome is told in the cmdlet's words.
 */
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/core.h"
#include "mcxd/core/user.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/actor/actor.h"
#include "web/lab/drill/play.h"
#include "web/lab/json.h"
#include "web/lab/private.h"
#include "web/lab/who.h"

#include <string.h>

enum { A, B };

#define FIRST_TEXT  "Test-CsMcxP2PIM: a message"
#define SECOND_TEXT "Test-CsMcxP2PIM: an answer"

struct im_test {
	struct play play;
	char *users[2]; /* AoRs */
	int64_t ended_ms;
};

static struct im_test *test_of(struct play *p)
{
	return LIST_ENTRY(p, struct im_test, play);
}

static bool sign_in(struct play *p, size_t i)
{
	CLEANUP(mem_free_string)
	char *name = text_concat("Test of messages: ", test_of(p)->users[i]);

	return play_cast(p, i, "phone", test_of(p)->users[i], name);
}

static bool is_there(struct play *p, size_t i)
{
	const struct actor *a = play_actor(p, i);

	if (!a || a->state == ACTOR_SIGNED_OUT)
		text_addf(&p->why, "%s cannot sign in: %s", test_of(p)->users[i],
			  a && a->problem ? a->problem : "");
	return a && a->state == ACTOR_SIGNED_IN;
}

static bool begin_a(struct play *p)
{
	return sign_in(p, A);
}

static bool is_a_there(struct play *p)
{
	return is_there(p, A);
}

static bool begin_b(struct play *p)
{
	return sign_in(p, B);
}

static bool is_b_there(struct play *p)
{
	return is_there(p, B);
}

static bool order(struct play *p, size_t i, actor_do_h *what, const struct actor_order *o)
{
	struct actor *a = play_actor(p, i);

	if (!a)
		text_addf(&p->why, "The phone of %s was taken away", test_of(p)->users[i]);
	return a && !what(a, o, &p->why);
}

/* Whether a phone shows this message in this state. */
static bool shows(const struct play *p, size_t i, const char *text, const char *wanted)
{
	const struct actor *a = play_actor(p, i);
	struct json_object *lines = a ? actor_lines_json(a) : NULL;
	bool found = false;

	for (size_t k = 0; lines && k < json_object_array_length(lines); k++) {
		struct json_object *line = json_object_array_get_idx(lines, k);
		const char *said = json_in_string(line, "text"),
			   *state = json_in_string(line, "state");

		found = found || (said && state && !strcmp(said, text) && !strcmp(state, wanted));
	}
	json_object_put(lines);
	return found;
}

static bool begin_invitation(struct play *p)
{
	return order(p, A, phone_send,
		     &(struct actor_order){ .to = test_of(p)->users[B], .text = FIRST_TEXT });
}

/* The phone answers the newest that rings; while somebody else's is that one, it waits. */
static bool has_invitation(struct play *p)
{
	const struct actor *a = play_actor(p, A), *b = play_actor(p, B);
	const struct actor_talk *talk = b ? actor_talk_in(b, ACTOR_INVITED) : NULL;

	if (!a || shows(p, A, FIRST_TEXT, "failed"))
		text_addf(&p->why, "The invitation has failed: %s",
			  a && a->problem ? a->problem : "");
	return talk && talk->peer && !strcasecmp(talk->peer, test_of(p)->users[A]);
}

static bool begin_accept(struct play *p)
{
	return order(p, B, phone_accept, &(struct actor_order){ 0 });
}

static bool has_message(struct play *p)
{
	const struct actor *b = play_actor(p, B);

	return b && actor_talk_in(b, ACTOR_CONNECTED) && shows(p, B, FIRST_TEXT, "received");
}

static bool begin_answer(struct play *p)
{
	return order(p, B, phone_send, &(struct actor_order){ .text = SECOND_TEXT });
}

static bool has_answer(struct play *p)
{
	return shows(p, A, SECOND_TEXT, "received");
}

static bool begin_end(struct play *p)
{
	test_of(p)->ended_ms = loop_real_ms(p->lab->loop);
	return order(p, A, phone_bye, &(struct actor_order){ 0 });
}

static bool is_over(struct play *p)
{
	const struct actor *b = play_actor(p, B);

	return b && !actor_talk_in(b, ACTOR_CONNECTED);
}

static const struct play_step steps[] = {
	{ "The first user signs in", begin_a, is_a_there },
	{ "The second user signs in", begin_b, is_b_there },
	{ "The first user's message invites the second", begin_invitation, has_invitation },
	{ "The second user accepts, and reads the message", begin_accept, has_message },
	{ "The second user answers, and the first reads it", begin_answer, has_answer },
	{ "The conversation ends", begin_end, is_over },
};

static void mend(struct play *p)
{
	(void)p;
}

static struct json_object *finish(struct play *p)
{
	const struct im_test *t = test_of(p);
	CLEANUP(mem_free_string)
	char *uri = text_format("https://%s:443/mcx", p->lab->core->config->server_fqdn);
	CLEANUP(mem_free_string)
	char *diagnosis =
		text_format("%s: %s", p->step < ARRAY_SIZE(steps) ? steps[p->step].what : "",
			    text_str(&p->why));
	struct json_object *o = json_object_new_object();
	bool success = !p->why.n && t->ended_ms;

	json_out_string(o, "targetFqdn", p->lab->core->config->server_fqdn);
	json_out_string(o, "targetUri", uri);
	json_out_string(o, "result", success ? "Success" : "Failure");
	json_out_int(o, "latencyUs", success ? (t->ended_ms - p->began_ms) * 1000 : 0);
	json_out_string(o, "error", success ? NULL : text_str(&p->why));
	json_out_string(o, "diagnosis", success ? NULL : diagnosis);
	return o;
}

static void test_free(struct play *p)
{
	struct im_test *t = test_of(p);

	free(t->users[A]);
	free(t->users[B]);
	free(t);
}

static const struct play_kind kind = { steps, ARRAY_SIZE(steps), mend, finish, test_free };

enum { FROM, TO, N_MEMBERS };

void lab_post_test_im(void *magic, struct http_request *r)
{
	struct lab_member m[N_MEMBERS] = {
		[FROM] = { "from", json_type_string, true }, [TO] = { "to", json_type_string, true }
	};
	struct lab *l = magic;
	struct json_object *body = lab_core(l, r) && lab_has_journal(l, r) && lab_may_wait(l, r)
					   ? lab_body(r, m, N_MEMBERS)
					   : NULL;
	const struct user *users[N_MEMBERS];
	struct im_test *t;
	bool ok = body;

	for (int i = 0; ok && i < N_MEMBERS; i++) {
		users[i] = lab_meet(l->core, lab_member_string(&m[i]));
		ok = users[i];
		if (!ok)
			lab_error(r, 404, "%s is not a user of this server.",
				  lab_member_string(&m[i]));
	}
	if (ok && users[FROM] == users[TO]) {
		lab_error(r, 400, "\"from\" and \"to\" must be two users.");
		ok = false;
	}
	if (ok) {
		t = MEM_NEW(struct im_test);
		t->users[A] = mem_strdup(users[FROM]->aor);
		t->users[B] = mem_strdup(users[TO]->aor);
		if (!play_start(&t->play, l, &kind, r))
			test_free(&t->play);
	}
	json_object_put(body);
}

/*
 * Resuming
 */
#include "mcxd/sim/phone/resume.h"

#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/phone/links.h"
#include "mcxd/sim/phone/request.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "web/http/client.h"

void sim_resume_init(struct sim_resume *m, const struct sim_resume_args *args)
{
	*m = (struct sim_resume){ .args = *args };
}

static void forget(struct sim_resume *m)
{
	mem_set_string(&m->messaging, NULL);
	json_object_put(m->other);
	m->other = NULL;
}

void sim_resume_deinit(struct sim_resume *m)
{
	forget(m);
	json_object_put(m->list);
	m->list = NULL;
}

static void get(struct sim_resume *m, const char *href, sim_answer_h *on_answer)
{
	sim_request_send(m->args.requests, &(struct sim_request){ .method = "GET",
								  .href = href,
								  .on_answer = on_answer,
								  .magic = m });
}

/* ---- one conversation ---- */

static void read_next(struct sim_resume *m);

static bool is_good(struct sim_resume *m, const struct http_result *r, struct json_object *body)
{
	return sim_request_ok(m->args.requests, r, body, "reading a conversation");
}

static void on_messaging(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_resume *m = magic;
	const char *state = json_in_string(body, "state");

	if (is_good(m, r, body) && state && !strcmp(state, "Connected"))
		sim_chats_resume(m->args.chats, body, m->other);
	read_next(m);
}

static struct json_object *other_of(struct json_object *participants)
{
	struct json_object *one;

	for (size_t i = 0; (one = sim_link_embedded(participants, "participant", i)); i++)
		if (!json_object_get_boolean(json_in_find(one, "local")))
			return json_object_get(one);
	return NULL;
}

static void on_participants(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_resume *m = magic;

	if (is_good(m, r, body))
		m->other = other_of(body);
	if (m->other)
		get(m, m->messaging, on_messaging);
	else
		read_next(m);
}

static void on_conversation(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_resume *m = magic;
	const char *participants = sim_link_href(body, "participants");

	if (is_good(m, r, body))
		mem_set_string(&m->messaging, sim_link_href(body, "messaging"));
	if (m->messaging && participants)
		get(m, participants, on_participants);
	else
		read_next(m);
}

/* ---- all ---- */

/* One that the events have told of needs no reading. */
static void read_next(struct sim_resume *m)
{
	const char *href;

	forget(m);
	while ((href = sim_link_href_at(m->list, "conversation", m->n_read++)))
		if (!sim_chats_know(m->args.chats, href)) {
			get(m, href, on_conversation);
			return;
		}
	sim_resume_deinit(m);
	m->args.on_read(m->args.magic);
}

static void on_list(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_resume *m = magic;

	if (sim_request_ok(m->args.requests, r, body, "reading the conversations"))
		m->list = json_object_get(body);
	read_next(m);
}

void sim_resume_read(struct sim_resume *m, const char *href)
{
	m->n_read = 0;
	if (href)
		get(m, href, on_list);
	else
		m->args.on_read(m->args.magic);
}

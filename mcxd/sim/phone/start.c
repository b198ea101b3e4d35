/*
 * Starting a conversation
 */
#include "mcxd/sim/phone/start.h"

#include "mcxd/base/random.h"
#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/phone/request.h"
#include "proto/text/data_uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"

#include <json-c/json.h>

static struct json_object *link_to(const char *href)
{
	struct json_object *link = json_object_new_object();

	json_object_object_add(link, "href", json_object_new_string(href));
	return link;
}

static void add_first_line(struct json_object *body, const char *text)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT;
	struct json_object *links = json_object_new_object();

	data_uri_encode(&uri, "text/plain", text);
	json_object_object_add(links, "message", link_to(text_str(&uri)));
	json_object_object_add(body, "_links", links);
}

static void on_answer(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_start *s = magic;

	if (sim_request_ok(s->requests, r, body, "the invitation"))
		return;
	s->chats->n_starting--;
	sim_chats_check_unsent(s->chats);
}

void sim_start_set(struct sim_start *s, const char *to, const char *text)
{
	mem_set_string(&s->to, to);
	mem_set_string(&s->text, text);
}

void sim_start_deinit(struct sim_start *s)
{
	sim_start_set(s, NULL, NULL);
}

void sim_start_go(struct sim_start *s, const char *href)
{
	struct json_object *body;
	char operation[RANDOM_UUID_SIZE];

	if (!s->to || !href)
		return;
	CLEANUP(mem_free_string) char *uri = text_concat("sip:", s->to);
	body = json_object_new_object();
	random_uuid(operation);
	json_object_object_add(body, "operationId", json_object_new_string(operation));
	json_object_object_add(body, "to", json_object_new_string(uri));
	if (s->text && *s->text)
		add_first_line(body, s->text);
	s->chats->n_starting++;
	sim_request_send(s->requests,
			 &(struct sim_request){ .method = "POST",
						.href = href,
						.body = json_object_to_json_string(body),
						.on_answer = on_answer,
						.magic = s });
	json_object_put(body);
	sim_start_set(s, NULL, NULL);
}

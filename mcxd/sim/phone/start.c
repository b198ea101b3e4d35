/*
 * Starting a conversation
 */
#include "mcxd/sim/phone/start.h"

#include "mcxd/base/random.h"
#include "mcxd/sim/phone/request.h"
#include "proto/text/data_uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

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

void sim_start_messaging(struct sim_requests *rs, const struct sim_start *start)
{
	struct json_object *body = json_object_new_object();
	CLEANUP(mem_free_string) char *uri = text_concat("sip:", start->to);
	char operation[RANDOM_UUID_SIZE];

	random_uuid(operation);
	json_object_object_add(body, "operationId", json_object_new_string(operation));
	json_object_object_add(body, "to", json_object_new_string(uri));
	if (*start->text)
		add_first_line(body, start->text);
	sim_request_send(rs, &(struct sim_request){ .method = "POST",
						    .href = start->href,
						    .body = json_object_to_json_string(body),
						    .on_answer = start->on_answer,
						    .magic = start->magic });
	json_object_put(body);
}

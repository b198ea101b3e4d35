/*
 * Lab API: its description
 */
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/http/openapi.h"
#include "web/lab/private.h"

#include <json-c/json.h>

/* clang-format off */
static const struct openapi_schema schemas[] = {
	{ "Error", NULL, "error:ErrorDetail", "{\"error\":{\"code\":\"NotFound\",\"message\":\"Unknown user.\"}}" },
	{ "ErrorDetail", NULL, "code message", NULL },
	{ "Status", "instance is another one after each start, and so are the numbers of records.", "version instance pid:int uptimeMs:int tlsKeyLog? roles[] listeners:object counts?:Counts clock:Clock journal:JournalRange", NULL },
	{ "Counts", NULL, "users:int contacts:int phones:int conversations:int pushesWaiting:int", NULL },
	{ "Clock", NULL, "now:time~ labMs:int offsetMs:int", "{\"now\":\"2012-01-18T05:00:43.101000Z\",\"labMs\":1200,\"offsetMs\":0}" },
	{ "JournalRange", "on is false if nothing is recorded.", "on:bool first:int last:int", NULL },
	{ "User", NULL, "aor displayName~ enableMobility:bool enablePush:bool contacts:int phones:int", NULL },
	{ "Users", NULL, "users:User[]", NULL },
	{ "NewUser", NULL, "aor displayName? password enableMobility?:bool enablePush?:bool",
	  "{\"aor\":\"bob@lab.test\",\"password\":\"secret\"}" },
	{ "Contact", "A SIP client.", "type=contact user id:int contact route~ epid~ instance~ gruu~ userAgent~ expiresS:int", NULL },
	{ "Phone", NULL, "type=phone user id:int appId endpointId~ userAgent~ state available:bool subscription:Subscription~ "
	  "pushObstacle~ queuedEvents:int missed:int conversations:int expiresS:int", NULL },
	{ "Subscription", NULL, "platform notificationUri~ deviceToken~ deviceName~", NULL },
	{ "Endpoint", NULL, "{\"anyOf\":[{\"$ref\":\"#/components/schemas/Contact\"},{\"$ref\":\"#/components/schemas/Phone\"}]}", NULL },
	{ "Endpoints", NULL, "endpoints:Endpoint[]", NULL },
	{ "Leg", NULL, "type side=caller|callee answered:bool done:bool", NULL },
	{ "Conversation", NULL, "id:int live:bool state from to firstLine~ subject?~ status?:int reason?~ began:time~ deadline?:time "
	  "answered:time~ ended?:time~ messages:int legs?:Leg[]", NULL },
	{ "Conversations", NULL, "conversations:Conversation[]", NULL },
	{ "Story", NULL, "key conversation:Conversation~ records:Record[]", NULL },
	{ "Push", NULL, "id:int synthetic:bool conversation?:int phone?:int user~ platform~ text~ "
	  "state=sent|accepted|refused|unanswered status?:int diagnosticsId?:int reason~ sent:time~ answered:time~ latencyUs?:int", NULL },
	{ "Pushes", NULL, "pushes:Push[]", NULL },
	{ "Record", "raw, or rawBase64 if it is not UTF-8, is what was on the wire.",
	  "seq:int time:time~ labMs:int conversation?:int sent?:int kind from? to? users[] phone? fault? key? link? summary? "
	  "incoming?:bool label fields:object raw? rawBase64?", NULL },
	{ "Page", "next is where the following page begins.", "instance first:int last:int next:int records:Record[]", NULL },
	{ "Wait", "A value of fields is a string, or {\"matches\": \"a pattern\"}.",
	  "kind? user? key? fields?:object from?:int count?:int timeoutMs?:int",
	  "{\"kind\":\"sip\",\"user\":\"bob@lab.test\",\"fields\":{\"status\":\"200\"}}" },
	{ "Waited", NULL, "matched:bool next:int records:Record[] message? closest?:Closest[]", NULL },
	{ "Closest", NULL, "differs[] record:Record", NULL },
	{ "Advance", NULL, "ms:int", "{\"ms\":60000}" },
	{ "TestPush", NULL, "edge?", "{\"edge\":\"127.0.0.1:5071\"}" },
	{ "TestedPush", NULL, "targetFqdn~ result=Success|Failure latencyUs:int error~ diagnosis~ status?:int push:int", NULL },
	{ "Metric", NULL, "name value:int kind=counter|gauge help", NULL },
	{ "Metrics", NULL, "metrics:Metric[]", NULL },
	{ "Document", "This document.", "{\"type\":\"object\"}", NULL },
};
/* clang-format on */

void lab_get_openapi(void *magic, struct http_request *r)
{
	const struct lab *l = magic;
	const char *listen = http_listen(l->http);
	CLEANUP(mem_free_string)
	char *server = text_concat("http://", *listen == '/' ? "localhost" : listen);
	struct json_object *o = openapi_new(&(struct openapi_info){
		.title = "mcxd lab API",
		.description = "How tests and tools see and move the lab: what it holds, what went "
			       "over the wire, its clock.",
		.server = server,
	});

	for (size_t i = 0; i < ARRAY_SIZE(schemas); i++)
		openapi_add_schema(o, &schemas[i]);
	for (size_t i = 0; i < l->n_routes; i++)
		openapi_add_operation(o, &l->routes[i], l->routes[i].extra);
	http_answer_json(r, 200, NULL, o);
}

/*
 * Push service: its description
 */
#include "mcxd/push_service/openapi.h"

#include "mcxd/push_service/apns.h"
#include "mcxd/push_service/private.h"
#include "proto/push/apns.h"
#include "proto/push/mpns.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "web/http/http.h"
#include "web/http/openapi.h"

#include <json-c/json.h>

/* clang-format off */
static const struct openapi_schema schemas[] = {
	{ "Error", NULL, "code message", "{\"code\":\"NotFound\",\"message\":\"The channel does not exist or has ended\"}" },
	{ "Health", NULL, "status=ok", "{\"status\":\"ok\"}" },
	{ "NewChannel",
	  "What the phone says of itself; user: whose it is, for records and faults of the lab. Of windowsPhone, which is what is meant "
	  "without a platform: the kinds that it does not want (answered Suppressed), and the web service that alone may notify it, by its "
	  "certificate (others are answered 401). Of apple: the app.",
	  "platform?=windowsPhone|apple deviceName? userAgent? user? suppress?[] serviceName? topic?", "{\"deviceName\":\"bob@lab.test\"}" },
	{ "Channel", "notificationUri (windowsPhone) or deviceToken (apple) is what the phone gives to its front end; carrier is where it waits "
	  "for notifications.",
	  "channelId platform=windowsPhone|apple channel:uri notificationUri?:uri deviceToken? topic? carrier:uri deviceName? userAgent? user? "
	  "suppress?[] serviceName?", NULL },
	{ "ListedChannel", NULL, "channelId platform=windowsPhone|apple channel:uri notificationUri?:uri deviceToken? topic? carrier:uri deviceName? "
	  "userAgent? user? suppress?[] serviceName? connection=Connected|TempDisconnected|Inactive pending:int today:int", NULL },
	{ "Channels", NULL, "channels:ListedChannel[]", NULL },
	{ "Notification",
	  "All that the sender has sent. Of windowsPhone: the elements of a toast or tile, and in cleared those with Action=Clear. Of apple: "
	  "the payload, and of it title, body, badge and sound as text1, text2, count and sound; withdraws and param are those of its "
	  "member mcx; kind is toast if there is something to show, tile if there is only a badge, else raw.",
	  "number:int kind=toast|tile|raw text1? text2? param? sound? count?:int title? backgroundImage? smallBackgroundImage? "
	  "wideBackgroundImage? wideBackBackgroundImage? wideBackContent? smallIconImage? iconImage? wideContent1? wideContent2? wideContent3? "
	  "cycleImage1? cycleImage2? cycleImage3? cycleImage4? cycleImage5? cycleImage6? cycleImage7? cycleImage8? cycleImage9? "
	  "backgroundColor? backBackgroundImage? backTitle? backContent? tileId? template?=FlipTile|IconicTile|CycleTile cleared?[] "
	  "class?:int rawBase64? payload?:any topic? pushType? priority?:int collapseId? withdraws? expiration?:int messageId? "
	  "receivedAt:time", NULL },
	{ "Notifications", "next is the number to ask with as after, which acknowledges them.",
	  "notifications:Notification[] next:int", NULL },
	{ "ApnsPayload", "aps is for the system, other members are for the app.", "{\"type\":\"object\",\"properties\":{\"aps\":{\"type\":\"object\"}}}",
	  "{\"aps\":{\"alert\":{\"title\":\"Alice\",\"body\":\"Hello\"},\"badge\":1}}" },
	{ "ApnsError", "timestamp: with 410, since when the token has not been valid, in milliseconds since 1970.", "reason timestamp?:int",
	  "{\"reason\":\"BadDeviceToken\"}" },
	{ "Document", "This document.", "{\"type\":\"object\"}", NULL },
};
/* clang-format on */

/* It is not served by this listener, and its table of routes is one line. */
static const struct http_route apns_route = OPENAPI_ROUTE(
	"POST", APNS_PATH "{token}", NULL,
	"Notify the iPhone with this device token (APNs), over HTTP/2.", NULL, "ApnsPayload",
	"200, 400 ApnsError, 403 ApnsError, 404 ApnsError, 405 ApnsError, 410 ApnsError, "
	"413 ApnsError, 429 ApnsError, 500 ApnsError, 503 ApnsError");

static void add_apns_header(struct json_object *operation, const char *name)
{
	struct json_object *parameter = json_object_new_object();
	struct json_object *schema = json_object_new_object();

	json_out_string(parameter, "name", name);
	json_out_string(parameter, "in", "header");
	json_out_string(schema, "type", "string");
	json_object_object_add(parameter, "schema", schema);
	json_object_array_add(openapi_list_within(operation, "parameters"), parameter);
}

static void add_apns(struct json_object *document, const char *url)
{
	struct json_object *operation =
		openapi_add_operation(document, &apns_route, apns_route.extra);
	struct json_object *server = json_object_new_object();

	json_out_string(server, "url", url);
	json_object_array_add(openapi_list_within(operation, "servers"), server);
	for (const char *const *name = apns_header_names; *name; name++)
		add_apns_header(operation, *name);
}

void push_service_get_openapi(void *magic, struct http_request *r)
{
	const struct push_service *service = magic;
	struct json_object *o = openapi_new(&(struct openapi_info){
		.title = "mcxd push service",
		.description = "The push client service, where phones get channels and wait for "
			       "notifications, and the sides of Microsoft's push service (MPNS) "
			       "and of Apple's (APNs) that take them.",
		.server = service->url,
	});

	for (size_t i = 0; i < ARRAY_SIZE(schemas); i++)
		openapi_add_schema(o, &schemas[i]);
	for (size_t i = 0; i < service->n_routes; i++) {
		const struct http_route *route = &service->routes[i];
		struct json_object *operation = openapi_add_operation(o, route, route->extra);

		if (!strncmp(route->path, MPNS_PATH, strlen(MPNS_PATH)))
			openapi_add_content(openapi_within(operation, "requestBody"),
					    MPNS_CONTENT_TYPE, NULL);
	}
	if (service->apns)
		add_apns(o, apns_url(service->apns));
	http_answer_json(r, 200, NULL, o);
}

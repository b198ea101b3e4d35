/*
 * Lab API: its description
 */
#include "proto/text/form.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/http/openapi.h"
#include "web/http/openapi_page.h"
#include "web/lab/bound.h"
#include "web/lab/private.h"

#include <json-c/json.h>

/* clang-format off */
#define CONDITIONS "kind? user? conversation?:int hop? phone? key? fields?:object headers?:object bodyContains?"

#define PHONE_MEMBERS \
	"type=phone user id:int appId endpointId~ userAgent~ state available:bool subscription:Subscription~ " \
	"pushObstacle~ queuedEvents:int missed:int conversations:int expiresS:int"
#define PUSH_MEMBERS \
	"id:int synthetic:bool withdraws?:int conversation?:int phone?:int user~ platform~ text~ " \
	"state=waiting|sent|accepted|refused|unanswered|dropped status?:int diagnosticsId?:int reason~ sent:time~ answered:time~ latencyUs?:int"
#define CONVERSATION_MEMBERS \
	"id:int live:bool state from to firstLine~ subject?~ status?:int reason?~ began:time~ deadline?:time " \
	"answered:time~ ended?:time~ messages:int legs?:Leg[]"

static const struct openapi_schema schemas[] = {
	{ "Error", NULL, "error:ErrorDetail", "{\"error\":{\"code\":\"NotFound\",\"message\":\"carol@lab.test is not a user of this server.\"}}" },
	{ "ErrorDetail", NULL, "code message", NULL },
	{ "Status", "instance is another one after each start, and so are the numbers of records.", "version instance pid:int uptimeMs:int trustsNetwork:bool tlsKeyLog? upstream?:Upstream roles[] listeners:object counts?:Counts clock:Clock journal:JournalRange", NULL },
	{ "Upstream", "How many of the phones are registered at upstream.registrar; trouble says why not all are.", "registrar registered:int phones:int trouble?", NULL },
	{ "Counts", NULL, "users:int contacts:int phones:int conversations:int pushesWaiting:int", NULL },
	{ "Clock", NULL, "now:time~ labMs:int offsetMs:int frozen:bool",
	  "{\"now\":\"2012-01-18T05:00:43.101000Z\",\"labMs\":1200,\"offsetMs\":0,\"frozen\":false}" },
	{ "JournalRange", "on is false if nothing is recorded.", "on:bool first:int last:int", NULL },
	{ "User", NULL, "aor displayName~ number~ enableMobility:bool enablePush:bool outsideVoiceNumber~ enableOutsideVoice:bool origin=file|api|open contacts:int phones:int", NULL },
	{ "Users", NULL, "users:User[]", NULL },
	{ "NewUser", NULL, "aor displayName? password number? enableMobility?:bool enablePush?:bool outsideVoiceNumber? enableOutsideVoice?:bool",
	  "{\"aor\":\"bob@lab.test\",\"password\":\"secret\"}" },
	{ "UserChange", "What is absent stays as it is; what is null becomes as it is for a new user.",
	  "displayName?~ password? number?~ enableMobility?:bool~ enablePush?:bool~ outsideVoiceNumber?~ enableOutsideVoice?:bool~",
	  "{\"enablePush\":false}" },
	{ "Explanation", "In the order in which the server decides. advice is about the first obstacle, null if there is none: then the "
	  "next invitation is pushed. cause names the joint. Of several phones each has its own findings; one that is only in the foreground "
	  "hides nothing that is wrong with another. phone: the application that a finding is about.", "user cause~ advice~ findings:Finding[]", NULL },
	{ "Finding", NULL, "kind=fine|obstacle|advice|note topic text cause? phone?", NULL },
	{ "Contact", "A SIP client.", "type=contact user id:int contact route~ epid~ instance~ gruu~ userAgent~ expiresS:int", NULL },
	{ "Phone", NULL, PHONE_MEMBERS, NULL },
	{ "Subscription", NULL, "platform notificationUri~ deviceToken~ deviceName~", NULL },
	{ "Endpoint", NULL, "{\"anyOf\":[{\"$ref\":\"#/components/schemas/Contact\"},{\"$ref\":\"#/components/schemas/Phone\"}]}", NULL },
	{ "Endpoints", NULL, "endpoints:Endpoint[]", NULL },
	{ "Leg", NULL, "type side=caller|callee answered:bool done:bool", NULL },
	{ "Conversation", NULL, CONVERSATION_MEMBERS, NULL },
	{ "ConversationStory", "deadline, by the lab's clock, is when the invitation fails unless somebody answers. earlier: how many moments came "
	  "before those of timeline, which has the newest.",
	  CONVERSATION_MEMBERS " timeline:Moment[] earlier?:int", NULL },
	{ "Moment", "A record of the journal, in short; what both ends have recorded is one moment.",
	  "seq:int time:time~ kind label from? to? fault?", NULL },
	{ "Conversations", NULL, "conversations:Conversation[]", NULL },
	{ "Story", NULL, "key conversation:Conversation~ records:Record[]", NULL },
	{ "Push", NULL, PUSH_MEMBERS, NULL },
	{ "PushStory", NULL, PUSH_MEMBERS " hops:Hop[]", NULL },
	{ "Hop", "A message of the push, there or back. received is null if nobody of this process has got it. fault: that struck it.",
	  "seq:int from to label sent:time~ received:time~ fault?", NULL },
	{ "NotSent", "A push that would have been due.", "seq:int time:time~ conversation?:int user~ phone? reason~", NULL },
	{ "Pushes", NULL, "pushes:Push[] notSent:NotSent[]", NULL },
	{ "Phones", NULL, "phones:PhoneScreen[]", NULL },
	{ "PhoneScreen", "foreground: the app asks for events, or has just done so. tile: the number on it. toasts: newest first. Both are "
	  "what the journal has of them.",
	  PHONE_MEMBERS " foreground:bool heldRequest:HeldRequest~ tile:int~ toasts:Toast[]", NULL },
	{ "HeldRequest", "The event request that waits for events, by the lab's clock.", "began:time~ ends:time~", NULL },
	{ "Toast", NULL, "seq:int time:time~ title~ text~", NULL },
	{ "Setting", "value and default are as one writes them in a file. live: it can be changed here; changed: it has been.",
	  "name value default live:bool changed:bool help", NULL },
	{ "SettingsChange", "Names of settings, with values as in a file; null: what the daemon was started with.",
	  "{\"type\":\"object\",\"additionalProperties\":{\"type\":[\"string\",\"integer\",\"boolean\",\"null\"]}}",
	  "{\"core.invite_timeout\":\"5s\"}" },
	{ "Settings", NULL, "settings:Setting[]", NULL },
	{ "Limit", "use is null where it is for each user, connection or request. refused: what the metric counter has counted, which "
	  "may be that of several limits.", "name value:int use:int~ refused:int~ counter~ help", NULL },
	{ "Limits", NULL, "limits:Limit[]", NULL },
	{ "Record", "raw, or rawBase64 if it is not UTF-8, is what was on the wire.",
	  "seq:int time:time~ labMs:int conversation?:int sent?:int kind from? to? users[] phone? fault? key? link? summary? "
	  "incoming?:bool label fields:object raw? rawBase64?", NULL },
	{ "Page", "next is where the following page begins.", "instance first:int last:int next:int records:Record[]", NULL },
	{ "Wait", "A value of fields and of headers is a string, or {\"matches\": \"a pattern\"}. count: at least so many. order: steps, "
	  "each of which has to come after the one before; conditions beside it hold for all. from: number of the first record that "
	  "counts. clock: whose time timeoutMs is, real (unless given) or lab. neverWithinMs: none must match until the lab's clock "
	  "has moved so far.",
	  CONDITIONS " count?:int order?:Step[] from?:int timeoutMs?:int clock?=real|lab neverWithinMs?:int",
	  "{\"kind\":\"sip\",\"user\":\"bob@lab.test\",\"fields\":{\"status\":\"200\"}}" },
	{ "Step", NULL, CONDITIONS " count?:int", "{\"kind\":\"toast\"}" },
	{ "Verify", "As in a wait. never: none must match.", CONDITIONS " count?:int order?:Step[] from?:int never?:bool",
	  "{\"kind\":\"toast\",\"user\":\"bob@lab.test\",\"never\":true}" },
	{ "Matched", "next is where what came after the last of the records begins.", "matched:bool next:int records:Record[]", NULL },
	{ "Missed", "closest: what came closest, best first, and why it does not match.",
	  "error:ErrorDetail matched?:bool next?:int records?:Record[] closest?:Closest[]", NULL },
	{ "Closest", NULL, "differs[] record:Record", NULL },
	{ "Snapshot",
	  "rows: those of the store and of what has been, by kind; what their columns mean is in mcxd/core/store_row.h. Times are in "
	  "microseconds from the export, null: never. Not in it: invitations that ring, which come back as ended, event requests that are "
	  "held, connections of actors, who sign in again, metrics, and what belongs to the process and its files. README.md has a table.",
	  "format=mcxd-lab version:int clock:SnapshotClock settings:object faults:SetFaults users:SnapshotUser[] rows:object channels?:SnapshotChannel[] "
	  "actors:SnapshotActor[] journal?:SnapshotRecord[]", NULL },
	{ "SnapshotChannel", NULL, "{\"anyOf\":[{\"$ref\":\"#/components/schemas/SnapshotLiveChannel\"},{\"$ref\":\"#/components/schemas/SnapshotEndedToken\"}]}", NULL },
	{ "SnapshotEndedToken", "A device token that is no longer valid: the reason that APNs gives, and since when.", "token ended atUs:int", NULL },
	{ "SnapshotLiveChannel", "A channel of the push service, with what waits at it. A notice with number 0 is held back for delayMs.",
	  "id token deviceName? userAgent? user? platform?=windowsPhone|apple topic? serviceName? suppressed?:int idleMs:int today:int dayMs:int lastNumber:int notices:SnapshotNotice[]", NULL },
	{ "SnapshotNotice", "Of an iPhone, apple says what the headers did, and rawBase64 is the payload; of others, there are the elements of a toast "
	  "or tile, with the names that they have for the phone.",
	  "number:int kind?=toast|tile|raw text1? text2? param? sound? title? backgroundImage? smallBackgroundImage? wideBackgroundImage? "
	  "wideBackBackgroundImage? wideBackContent? smallIconImage? iconImage? wideContent1? wideContent2? wideContent3? cycleImage1? cycleImage2? "
	  "cycleImage3? cycleImage4? cycleImage5? cycleImage6? cycleImage7? cycleImage8? cycleImage9? backgroundColor? backBackgroundImage? "
	  "backTitle? backContent? count?:int tileId? template? cleared?:int clearsCount?:bool class?:int apple?:SnapshotApple rawBase64? "
	  "messageId? atUs:int deliveries:int delayMs:int", NULL },
	{ "SnapshotApple", "leftMs: after how long it is not to be delivered any more; -1: never.",
	  "topic collapseId? pushType priority:int expiration:int leftMs:int", NULL },
	{ "SnapshotActor", "endpointId, screen, tile, toast and online are of a phone, dialog of a desktop whose conversation is connected.",
	  "id:int kind=desktop|phone user name signedIn:bool on:bool lines:ActorLine[] dialog?:SnapshotDialog endpointId? "
	  "screen?=lock|home|app tile?:int toast?:SavedToast~ online?:bool", NULL },
	{ "SnapshotDialog", "With whom, and the SIP dialog as the desktop has it; target is the other side's Contact.",
	  "peer name callId local remote target~ localCSeq:int remoteCSeq:int", NULL },
	{ "SnapshotRecord", "A record of the journal; atUs is its time, as in rows.",
	  "seq:int atUs:int conversation?:int sent?:int kind from? to? users[] phone? fault? key? link? summary? incoming?:bool fields:object "
	  "raw? rawBase64?", NULL },
	{ "SnapshotClock", NULL, "advancedMs:int frozen:bool", NULL },
	{ "SnapshotUser", NULL, "aor display_name password~ number~ enable_mobility:bool enable_push:bool outside_voice_number~ enable_outside_voice:bool", NULL },
	{ "Reset", "Without a user: of everybody.", "user?", "{\"user\":\"bob@lab.test\"}" },
	{ "Advance", NULL, "ms:int", "{\"ms\":60000}" },
	{ "TestIm", NULL, "from to", "{\"from\":\"alice@lab.test\",\"to\":\"bob@lab.test\"}" },
	{ "TestedIm", NULL, "targetFqdn targetUri result=Success|Failure latencyUs:int error~ diagnosis~", NULL },
	{ "Drills", NULL, "drills:Drill[]", NULL },
	{ "Drill", "cause is what the explanation of a phone names then; disturbs: it changes settings or the clearing house for everybody "
	  "while it is played, so that pushes of others may fail.", "name title cause~ disturbs:bool", NULL },
	{ "Drilled", "problem: what kept it from being played.", "name title passed:bool problem~ checks:Check[]", NULL },
	{ "Check", "Part of what was wanted has to be seen; null: anything.", "what wanted~ seen~ passed:bool", NULL },
	{ "TestPush", "user: whose phone it goes to; without one it addresses no phone.", "edge? user?", "{\"edge\":\"127.0.0.1:5071\"}" },
	{ "TestedPush", NULL, "targetFqdn~ result=Success|Failure latencyUs:int error~ diagnosis~ status?:int push:int", NULL },
	{ "Actor", "What a person sees who sits at the desktop (window) or holds the phone (screen, toast, tile, online); server is what "
	  "the front end knows of the phone.",
	  "id:int kind=desktop|phone user name state=signed-out|signing-in|signed-in|signing-out on:bool problem~ "
	  "conversations:ActorConversation[] lines:ActorLine[] window?~ screen?=off|lock|home|app toast?:ActorToast~ "
	  "tile?:int online?:bool server?:Phone~", NULL },
	{ "Fault", "Strikes always, or the first times, or the nth only, or one in probability of those that pass; has struck so many of "
	  "those that it has seen.",
	  "where what=status|delay|drop|reset|close|slow|garbage|silence status?:int ms?:int times?:int nth?:int probability?:int "
	  "user? struck?:int seen?:int", "{\"where\":\"front-end\u2192edge\",\"what\":\"status\",\"status\":503,\"times\":3}" },
	{ "Joint", "can: what can happen there; nothing, if nothing in this process takes what goes over it.", "where can[]", NULL },
	{ "Faults", "The same seed strikes the same requests. joints: where there can be faults.",
	  "seed:int faults:Fault[] joints:Joint[]", NULL },
	{ "SetFaults", NULL, "faults:Fault[] seed?:int", NULL },
	{ "ActorConversation", NULL, "peer~ name~ state=invited|inviting|connected typing:bool ignored:bool", NULL },
	{ "ActorLine", "waiting: not sent yet, or the first line of an invitation that nobody has answered; failed: it has not arrived.", "peer~ name?~ state=received|waiting|sent|failed|note text", NULL },
	{ "ActorToast", NULL, "from text", NULL },
	{ "SavedToast", "push: that it came with.", "from text push?", NULL },
	{ "Actors", NULL, "actors:Actor[]", NULL },
	{ "NewActor", NULL, "kind=desktop|phone user name? signIn?:bool", "{\"kind\":\"phone\",\"user\":\"bob@lab.test\"}" },
	{ "Order", "Only send has them; without to, it goes on with the conversation.", "text? to?",
	  "{\"to\":\"bob@lab.test\",\"text\":\"Hi Bob\"}" },
	{ "Metric", NULL, "name value:int kind=counter|gauge help", NULL },
	{ "Metrics", NULL, "metrics:Metric[]", NULL },
	{ "Archive", "HTTP Archive 1.2.", "{\"type\":\"object\",\"properties\":{\"log\":{\"type\":\"object\"}}}", NULL },
	{ "Document", "This document.", "{\"type\":\"object\"}", NULL },
};
/* clang-format on */

/* The token, in its two forms. Without lab.token_file neither is asked for. */
static void add_security(struct json_object *o)
{
	static const char schemes[] =
		"{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"That of "
		"lab.token_file; "
		"by TCP alone, and only if that is "
		"set.\"},\"page\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":"
		"\"mcxd_lab_8090\",\"description\":\"From the form; behind mcxd_lab_ is the "
		"port.\"}}";

	json_object_object_add(openapi_within(o, "components"), "securitySchemes",
			       openapi_parse(schemes));
	json_object_object_add(o, "security", openapi_parse("[{},{\"token\":[]},{\"page\":[]}]"));
}

/* The only body that is not JSON. */
static void add_form(struct json_object *operation)
{
	openapi_add_content(openapi_within(operation, "requestBody"), FORM_CONTENT_TYPE,
			    openapi_object("token"));
}

static struct json_object *document(const struct lab *l, const struct http_request *r)
{
	const char *host = http_host(r);
	CLEANUP(mem_free_string)
	char *server = text_concat(http_is_tls(r) ? "https://" : "http://", host ? host : "lab");
	struct json_object *o = openapi_new(&(struct openapi_info){
		.title = "mcxd lab API",
		.description = "How tests and tools see and move the lab: what it holds, what went "
			       "over the wire, its clock.",
		.server = server,
	});

	for (size_t i = 0; i < ARRAY_SIZE(schemas); i++)
		openapi_add_schema(o, &schemas[i]);
	for (size_t i = 0; i < l->n_routes; i++) {
		const struct http_route *route = &l->routes[i];
		struct json_object *operation = openapi_add_operation(o, route, route->extra);

		if (route->handler == lab_post_sign_in)
			add_form(operation);
	}
	lab_bounds_add(l->config, o);
	add_security(o);
	return o;
}

void lab_get_openapi(void *magic, struct http_request *r)
{
	http_answer_json(r, 200, NULL, document(magic, r));
}

void lab_get_openapi_page(void *magic, struct http_request *r)
{
	struct json_object *o = document(magic, r);
	CLEANUP(text_deinit) struct text page = TEXT_INIT;

	openapi_page(o, LAB_STYLE, LAB_DOCUMENT, &page);
	json_object_put(o);
	http_set_header(
		r, "Content-Security-Policy",
		"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
		"frame-ancestors 'none'");
	http_answer(r, 200, "text/html; charset=utf-8", text_str(&page), page.n);
}

void lab_get_openapi_folder(void *magic, struct http_request *r)
{
	(void)magic;
	http_set_header(r, "Location", "/lab/v1/");
	http_answer(r, 308, NULL, NULL, 0);
}

/*
 * Lab API
 */
#include "web/lab/lab.h"

#include "mcxd/base/journal.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "proto/text/mem.h"
#include "web/http/http.h"
#include "web/http/openapi.h"
#include "web/lab/door.h"
#include "web/lab/drill/play.h"
#include "web/lab/json.h"
#include "web/lab/page.h"
#include "web/lab/private.h"
#include "web/lab/stored.h"

#define FILTERS "kind user conversation:int hop phone method status since:time key"
#define EXPORT_QUERY                                                                               \
	"format=sipstack|jsonl|pcapng|har|text|svg|mermaid at width:int ascii:int bodies:int"
#define EXPORT_TYPES                                                                               \
	"200 Archive text/plain application/x-ndjson application/x-pcapng image/svg+xml"

/* clang-format off */
static const struct http_route routes[] = {
	OPENAPI_ROUTE("GET", "/lab/v1/status", lab_get_status,
	    "Version, uptime, roles, listeners, counts, clock, first and last record.", NULL, NULL, "200 Status"),
	OPENAPI_ROUTE("GET", "/lab/v1/users", lab_get_users, "Users of the front end.", NULL, NULL, "200 Users"),
	OPENAPI_ROUTE("POST", "/lab/v1/users", lab_post_users, "Add a user.", NULL, "NewUser", "201 User"),
	OPENAPI_ROUTE("GET", "/lab/v1/users/{aor}", lab_get_user, "One user.", NULL, NULL, "200 User"),
	OPENAPI_ROUTE("PATCH", "/lab/v1/users/{aor}", lab_patch_user,
	    "Change a user. One of the users file gets what the file says back when it is read again.",
	    NULL, "UserChange", "200 User"),
	OPENAPI_ROUTE("DELETE", "/lab/v1/users/{aor}", lab_delete_user,
	    "Remove a user whom this API added, with all endpoints.", NULL, NULL, "204"),
	OPENAPI_ROUTE("GET", "/lab/v1/users/{aor}/explanation", lab_get_explanation,
	    "Why the user's phone gets no notification, in sentences, and what to do.", NULL, NULL, "200 Explanation"),
	OPENAPI_ROUTE("GET", "/lab/v1/endpoints", lab_get_endpoints, "SIP contacts and phones.",
	    "user", NULL, "200 Endpoints"),
	OPENAPI_ROUTE("GET", "/lab/v1/conversations", lab_get_conversations,
	    "Live and ended conversations, newest last.", "user state", NULL, "200 Conversations"),
	OPENAPI_ROUTE("GET", "/lab/v1/conversations/{id}", lab_get_conversation, "One conversation, with its timeline.",
	    NULL, NULL, "200 ConversationStory"),
	OPENAPI_ROUTE("GET", "/lab/v1/conversations/{id}/story", lab_get_story,
	    "The journal's records of a conversation, from all hops.", NULL, NULL, "200 Story"),
	OPENAPI_ROUTE("GET", "/lab/v1/conversations/{id}/export", lab_export_conversation,
	    "The story as a file of this format; at: only what this hop saw. width and ascii are for text; bodies=0 hides the bodies of sipstack.",
	    EXPORT_QUERY, NULL, EXPORT_TYPES),
	OPENAPI_ROUTE("GET", "/lab/v1/journal/export", lab_export_journal,
	    "Records of the journal as a file, as for a conversation.",
	    EXPORT_QUERY " from:int " FILTERS, NULL, EXPORT_TYPES),
	OPENAPI_ROUTE("GET", "/lab/v1/phones", lab_get_phones, "Phones, with what is on their screens.", "user", NULL, "200 Phones"),
	OPENAPI_ROUTE("GET", "/lab/v1/pushes", lab_get_pushes, "Pushes and their outcomes; and those that were not sent, and why.",
	    "user", NULL, "200 Pushes"),
	OPENAPI_ROUTE("GET", "/lab/v1/pushes/{id}", lab_get_push, "One push, with every hop.", NULL, NULL, "200 PushStory"),
	OPENAPI_ROUTE("GET", "/lab/v1/settings", lab_get_settings, "All settings and their values.", NULL, NULL, "200 Settings"),
	OPENAPI_ROUTE("PATCH", "/lab/v1/settings", lab_patch_settings,
	    "Change settings that are live, all or none; a reset undoes it. Answers with those that were named.",
	    NULL, "SettingsChange", "200 Settings"),
	OPENAPI_ROUTE("GET", "/lab/v1/limits", lab_get_limits, "All limits, what is used of them, and what they have refused.",
	    NULL, NULL, "200 Limits"),
	OPENAPI_ROUTE("GET", "/lab/v1/journal", lab_get_journal,
	    "Records of the journal; with follow=1 server-sent events, old and new records one by one. A stream goes on "
	    "behind Last-Event-ID, or else at from, or else with new records; it starts over if instance is not that of "
	    "this daemon.",
	    "from:int limit:int follow:int instance " FILTERS, NULL, "200 Page text/event-stream"),
	OPENAPI_ROUTE("POST", "/lab/v1/wait", lab_post_wait,
	    "Wait until records match, or see that none does within a time of the lab's clock.", NULL, "Wait", "200 Matched, 409 Missed"),
	OPENAPI_ROUTE("POST", "/lab/v1/verify", lab_post_verify, "The same of what is in the journal now.", NULL, "Verify",
	    "200 Matched, 409 Missed"),
	OPENAPI_ROUTE("GET", "/lab/v1/clock", lab_get_clock, "The lab's clock.", NULL, NULL, "200 Clock"),
	OPENAPI_ROUTE("POST", "/lab/v1/clock/advance", lab_post_advance,
	    "Move the clock; answered once it has moved.", NULL, "Advance", "200 Clock"),
	OPENAPI_ROUTE("POST", "/lab/v1/clock/freeze", lab_post_freeze,
	    "Let the clock stand still; what comes over the network is served all the same.", NULL, NULL, "200 Clock"),
	OPENAPI_ROUTE("POST", "/lab/v1/clock/resume", lab_post_resume, "Let the clock run.", NULL, NULL, "200 Clock"),
	OPENAPI_ROUTE("POST", "/lab/v1/conversations/{id}/expire", lab_expire_conversation,
	    "The invitation's timeout comes now; nobody else's time moves.", NULL, NULL, "204"),
	OPENAPI_ROUTE("POST", "/lab/v1/conversations/{id}/end", lab_end_conversation,
	    "End it: a caller who waits gets 480, and connected clients a BYE.", NULL, NULL, "204"),
	OPENAPI_ROUTE("POST", "/lab/v1/phones/{app}/expire", lab_expire_session,
	    "The phone's session expires now.", NULL, NULL, "204"),
	OPENAPI_ROUTE("POST", "/lab/v1/phones/{app}/subscription/expire", lab_expire_subscription,
	    "The phone's push subscription expires now.", NULL, NULL, "204"),
	OPENAPI_ROUTE("POST", "/lab/v1/contacts/{id}/expire", lab_expire_registration,
	    "The registration of a SIP contact expires now.", NULL, NULL, "204"),
	OPENAPI_ROUTE("POST", "/lab/v1/reset", lab_post_reset,
	    "End what is under way and forget what was: of one user, or of all; then who was added here goes, too.",
	    NULL, "Reset", "204"),
	OPENAPI_ROUTE("GET", "/lab/v1/export", lab_get_snapshot,
	    "The whole lab, to be imported later, with the newest records of the journal (lab.max_export; journal=0: without). "
	    "Passwords and tokens are in it on the UNIX socket only.",
	    "journal:int", NULL, "200 Snapshot"),
	OPENAPI_ROUTE("POST", "/lab/v1/import", lab_post_import,
	    "Reset everything, and let the lab be as it was when this was exported: all of it, or nothing changes.",
	    NULL, "Snapshot", "204"),
	OPENAPI_ROUTE("POST", "/lab/v1/test-push", lab_post_test_push,
	    "Synthetic push transaction, through the given edge: an address, by the transport that pushes go by, or a SIP URI.", NULL, "TestPush", "200 TestedPush"),
	OPENAPI_ROUTE("POST", "/lab/v1/test-im", lab_post_test_im,
	    "Let two users sign in with phones and send each other a message, as Test-CsMcxP2PIM does.", NULL, "TestIm", "200 TestedIm"),
	OPENAPI_ROUTE("GET", "/lab/v1/drills", lab_get_drills, "Known failures that can be played.", NULL, NULL, "200 Drills"),
	OPENAPI_ROUTE("POST", "/lab/v1/drills/{name}", lab_post_drill,
	    "Break a joint, play the story of an invitation with actors made for it, check what is seen, and put everything back.",
	    NULL, NULL, "200 Drilled"),
	OPENAPI_ROUTE("GET", "/lab/v1/faults", lab_get_faults, "What is broken, and how often it has struck.",
	    NULL, NULL, "200 Faults"),
	OPENAPI_ROUTE("PUT", "/lab/v1/faults", lab_put_faults, "Break this, and nothing else.",
	    NULL, "SetFaults", "200 Faults"),
	OPENAPI_ROUTE("DELETE", "/lab/v1/faults", lab_delete_faults, "Mend everything.", NULL, NULL, "204"),
	OPENAPI_ROUTE("GET", "/lab/v1/actors", lab_get_actors, "Desktops and phones that the lab hosts.",
	    NULL, NULL, "200 Actors"),
	OPENAPI_ROUTE("POST", "/lab/v1/actors", lab_post_actors, "Host one more; with signIn it signs in at once.",
	    NULL, "NewActor", "201 Actor"),
	OPENAPI_ROUTE("GET", "/lab/v1/actors/{id}", lab_get_actor, "One of them, as its person sees it.",
	    NULL, NULL, "200 Actor"),
	OPENAPI_ROUTE("DELETE", "/lab/v1/actors/{id}", lab_delete_actor, "Remove it, after it has signed out.",
	    NULL, NULL, "204"),
	OPENAPI_ROUTE("POST", "/lab/v1/actors/{id}/{command}", lab_post_order,
	    "Have it do what a person does: README.md lists the commands. Answered before anything has come of it.",
	    NULL, "Order", "200 Actor"),
	OPENAPI_ROUTE("GET", "/lab/v1/metrics", lab_get_metrics, "Counters and gauges.", NULL, NULL, "200 Metrics"),
	OPENAPI_ROUTE("GET", "/metrics", lab_get_prometheus, "The same for Prometheus.", NULL, NULL, "200 text/plain"),
	OPENAPI_ROUTE("GET", "/healthz", lab_get_healthz, "Whether the daemon runs; needs no token.", NULL, NULL, "200 text/plain"),
	OPENAPI_ROUTE("GET", "/readyz", lab_get_readyz, "Whether it serves callers and phones; 503 if not. Needs no token.",
	    NULL, NULL, "200 text/plain"),
	OPENAPI_ROUTE("GET", "/lab/v1/fsm/{file}", lab_get_fsm,
	    "A state machine as a Graphviz graph: conversation.dot, phone.dot.", NULL, NULL,
	    "200 text/vnd.graphviz"),
	OPENAPI_ROUTE("GET", "/lab/v1/sign-in", lab_get_sign_in, "The form for the token, where there is one.", "to", NULL,
	    "200 text/html"),
	OPENAPI_ROUTE("POST", "/lab/v1/sign-in", lab_post_sign_in, "Take the form; answers with a cookie and the page.", "to", NULL,
	    "303, 401 text/html"),
	OPENAPI_ROUTE("GET", LAB_STYLE, lab_get_style, "Style of the pages here.", NULL, NULL, "200 text/css"),
	OPENAPI_ROUTE("GET", "/", lab_get_page_folder, "To the page.", NULL, NULL, "308"),
	OPENAPI_ROUTE("GET", "/console", lab_get_page_folder, "To the page.", NULL, NULL, "308"),
	OPENAPI_ROUTE("GET", "/console/{file*}", lab_get_page, "The page, and its files.", NULL, NULL,
	    "200 text/html text/css text/javascript application/json image/svg+xml"),
	OPENAPI_ROUTE("GET", LAB_DOCUMENT, lab_get_openapi, "This document.", NULL, NULL, "200 Document"),
	OPENAPI_ROUTE("GET", "/lab/v1/", lab_get_openapi_page, "The same for people.", NULL, NULL, "200 text/html"),
	OPENAPI_ROUTE("GET", "/lab/v1", lab_get_openapi_folder, "To that.", NULL, NULL, "308"),
	OPENAPI_ROUTE("GET", "/lab", lab_get_openapi_folder, "To that, too.", NULL, NULL, "308"),
};
/* clang-format on */

static void on_error(void *magic, struct http_request *r, int status, const char *why)
{
	(void)magic;
	lab_error(r, status, "%s", why);
}

/* A filter with a slip in its name would show everything. */
static bool check_query(void *magic, struct http_request *r, const struct http_route *route)
{
	const struct openapi_operation *operation = route->extra;
	const char *unknown = http_query_unknown(r, operation->query);
	const char *repeated = unknown ? NULL : http_query_repeated(r);

	(void)magic;
	if (repeated)
		lab_error(r, 400, "\"%s\" is given twice; a parameter has one value.", repeated);
	if (unknown)
		lab_error(r, 400, "Unknown parameter \"%s\"%s%s.", unknown,
			  operation->query ? "; there are " : "",
			  operation->query ? operation->query : "");
	return !unknown && !repeated;
}

/* Posted, so that answers are not written from within the function that recorded something. */
static void on_journal(void *magic)
{
	struct lab *l = magic;

	l->journal_post = 0;
	lab_waits_feed(l);
	lab_play_feed(l);
	lab_followers_wake(l);
}

static void on_record(void *magic, const struct record *r)
{
	struct lab *l = magic;

	(void)r;
	if (!l->journal_post && (l->play || !list_empty(&l->waits) || !list_empty(&l->followers)))
		l->journal_post = loop_post(l->loop, on_journal, l);
}

static bool admit(void *magic, struct http_request *r)
{
	return lab_door_admit(magic, r);
}

/* A whole lab comes in by the socket. */
static int64_t max_socket_body(const struct lab_config *config)
{
	return config->max_import_bytes > config->max_body_bytes ? config->max_import_bytes
								 : config->max_body_bytes;
}

/* The UNIX socket, and then the TCP listener, if there is one. */
static int listen_at(struct lab *l, const char *listen, struct http **ret)
{
	bool is_tcp = l->http != NULL;
	struct http_config config = {
		.listen = listen,
		.cert_file = is_tcp ? l->config->cert_file : NULL,
		.key_file = is_tcp ? l->config->key_file : NULL,
		.max_connections = l->config->max_connections,
		.max_body_bytes = is_tcp ? l->config->max_body_bytes : max_socket_body(l->config),
		.idle_timeout_ms = l->config->idle_timeout_ms,
	};

	return http_new(&(struct http_args){ .loop = l->loop,
					     .metrics = l->metrics,
					     .name = is_tcp ? "lab_tcp" : "lab",
					     .config = &config,
					     .ids_of = l->http,
					     .routes = l->routes,
					     .n_routes = l->n_routes,
					     .admit = is_tcp ? admit : NULL,
					     .before = check_query,
					     .on_error = on_error,
					     .magic = l },
			ret);
}

static int listen_all(struct lab *l)
{
	const char *tcp = l->config->listen;
	int err = listen_at(l, l->config->socket, &l->http);

	if (!err && tcp && *tcp)
		err = listen_at(l, tcp, &l->tcp);
	if (err) {
		http_free(l->tcp);
		http_free(l->http);
	}
	return err;
}

int lab_new(const struct lab_args *args, struct lab **ret_lab)
{
	struct lab *l = MEM_NEW(struct lab);
	int err;

	l->loop = args->loop;
	l->core = args->core;
	l->stack = args->stack;
	l->faults = args->faults;
	l->journal = args->journal;
	l->metrics = args->metrics;
	l->config = args->config;
	l->routes = routes;
	l->n_routes = ARRAY_SIZE(routes);
	l->info = args->info;
	l->on_reset = args->on_reset;
	l->change_settings = args->change_settings;
	l->try_settings = args->try_settings;
	l->set_foreign_house = args->set_foreign_house;
	l->magic = args->magic;
	l->channels = args->channels;
	random_hex(sizeof(l->instance) / 2, l->instance);
	l->began_real_ms = loop_real_ms(l->loop);
	list_init(&l->waits);
	list_init(&l->followers);
	list_init(&l->moves);
	list_init(&l->test_pushes);
	list_init(&l->stored);
	err = listen_all(l);
	if (err < 0) {
		free(l);
		return err;
	}
	l->door = (struct lab_door_metrics)METRICS_INIT(LAB_DOOR_METRICS);
	METRICS_ADD(l->metrics, "lab", &l->door);
	lab_actors_init(l);
	l->listener = journal_listen(l->journal, on_record, l);
	*ret_lab = l;
	return 0;
}

void lab_reload(struct lab *l)
{
	if (!l)
		return;
	if (l->tcp)
		http_reload(l->tcp);
	lab_record(l, "reload", NULL, "users, certificates and settings were read again");
}

void lab_apply_config(struct lab *l)
{
	if (l)
		l->actor_budget.max = l->config->max_actors;
}

struct lab *lab_free(struct lab *l)
{
	if (!l)
		return NULL;
	journal_unlisten(l->listener);
	if (l->journal_post)
		loop_unpost(l->loop, l->journal_post);
	lab_actors_free(l);
	lab_waits_free(l);
	lab_followers_free(l);
	lab_moves_free(l);
	lab_test_pushes_free(l);
	lab_play_free(l);
	lab_stored_free(l);
	lab_import_free(l);
	http_free(l->tcp);
	http_free(l->http);
	free(l);
	return NULL;
}

/*
 * Lab API, what its files share
 */
#pragma once

#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "proto/sip/uri.h"
#include "web/http/http.h"
#include "web/lab/door.h"
#include "web/lab/lab.h"

#include <json-c/json.h>

struct expectation;
struct journal_listener;
struct lab_import;
struct metric;
struct phone;
struct play;
struct match;
struct record;
struct setting_change;
struct text;
struct user;

#define ACT_METRICS(X)                                                                             \
	X(hosted, METRIC_GAUGE, "Actors that the lab hosts")                                       \
	X(refused_total, METRIC_COUNTER, "Actors refused because of act.max_actors")
METRICS_STRUCT(act_metrics, ACT_METRICS);

struct lab {
	struct loop *loop;
	struct core *core;   /* may be NULL */
	struct stack *stack; /* may be NULL */
	struct faults *faults;
	struct journal *journal;
	struct metrics *metrics;
	const struct lab_config *config;
	void (*info)(void *magic, struct lab_info *ret_info);
	void (*on_reset)(void *magic, const char *aor);
	int (*change_settings)(void *magic, const struct setting_change *changes, size_t n,
			       struct text *errors);
	int (*try_settings)(void *magic, const struct setting_change *changes, size_t n,
			    struct text *errors);
	void (*set_foreign_house)(void *magic, bool on);
	void *magic;
	struct lab_part channels;
	const struct http_route *routes;
	size_t n_routes;
	struct http *http; /* the UNIX socket's; finds requests of both by their ids */
	struct http *tcp;  /* NULL: none */
	struct lab_door_metrics door;
	struct journal_listener *listener;
	uint64_t journal_post; /* of on_journal(); 0: none under way */
	int64_t began_real_ms;
	struct list waits;         /* struct lab_wait.of_lab, each with a parked request */
	struct list followers;     /* struct lab_follower.of_lab, each with a stream */
	struct list moves;         /* struct lab_move.of_lab, each with a parked request */
	struct list test_pushes;   /* struct test_push.of_lab, each with a parked request */
	struct lab_import *import; /* that is under way; NULL: none */
	struct list stored;        /* struct lab_stored.of_lab, each with a parked request */
	int64_t n_waiting;         /* waits, moves, test pushes, and what waits for the store */
	int64_t n_followers;
	struct loop_timer heartbeat; /* of the followers; runs while there are any */
	char instance[17];           /* of this run of the daemon: numbers of records are its own */
	struct list actors;          /* struct actor.of_lab, oldest first */
	struct list leaving;         /* the same: removed, and signing out */
	void (*on_actor)(struct lab *l); /* one has got further; NULL: nobody waits for that */
	struct play *play;               /* that is under way; NULL: none */
	uint64_t last_actor;
	struct budget actor_budget;
	struct act_metrics act_metrics;
};

/* ---- check.c: each answers with an error and returns false or NULL if what it checks is missing ---- */

struct core *lab_core(const struct lab *l, struct http_request *r);
/** Whether anything is recorded. */
bool lab_has_journal(const struct lab *l, struct http_request *r);
/** Whether one more request may be answered later. */
bool lab_may_wait(struct lab *l, struct http_request *r);
/** The daemon ends: answer with 503. */
void lab_refuse_ending(struct http_request *r);
/** The daemon ends: answer a parked request with 503. One whose client is gone is fine. */
void lab_answer_ending(const struct lab *l, uint64_t parked);
/** Whether the client has come by the UNIX socket, which only the lab's owner can open. Others see no credentials. */
bool lab_is_local(const struct http_request *r);
/** A record as this client may see it. */
struct json_object *lab_encode_record(const struct record *r, bool is_local);
/** What main knows; all zero if main tells nothing. */
struct lab_info lab_get_info(const struct lab *l);

/* ---- the handlers, by file ---- */

/* status.c */
http_h lab_get_status, lab_get_metrics, lab_get_fsm;

/* health.c */
http_h lab_get_healthz, lab_get_readyz, lab_get_prometheus;
const char *lab_metric_kind(const struct metric *m);

/* sign_in.c */
#define LAB_STYLE "/lab/v1/page.css"
http_h lab_get_sign_in, lab_post_sign_in, lab_get_style;

/* openapi.c */
#define LAB_DOCUMENT "/lab/v1/openapi.json"
http_h lab_get_openapi, lab_get_openapi_page, lab_get_openapi_folder;

/* endpoint.c */
http_h lab_get_endpoints;
struct json_object *lab_phone_json(const struct phone *p);

/* record.c */
/** Record that this API has changed the lab, for those who look at it. aor: of the user whom it is about; NULL: nobody's. */
void lab_record(const struct lab *l, const char *action, const char *aor, const char *summary);

/* reset.c */
http_h lab_post_reset;
/** Everything; see lab_post_reset(). */
void lab_reset(struct lab *l);

/* users.c */
http_h lab_get_users, lab_get_user, lab_post_users, lab_patch_user, lab_delete_user;

/** The user in the path, or an answer. */
struct user *lab_path_user(const struct lab *l, struct http_request *r);

/* explain.c */
http_h lab_get_explanation;
/** Why this user's phones stay quiet, as the resource says it. */
struct json_object *lab_explain(const struct lab *l, const struct user *u);

/* phone.c */
http_h lab_get_phones;

/* limit.c */
http_h lab_get_limits;

/* setting.c */
http_h lab_get_settings, lab_patch_settings;
/** Whether the daemon tells its settings; if not, it has been answered. */
bool lab_has_settings(const struct lab_info *info, struct http_request *r);

/** Read an object of names and values; ret has room for each of its members, and strings are the object's. False, with a
 *  line for each error in why. */
bool lab_take_settings(struct json_object *o, struct setting_change *ret, struct text *why);
/** Append those lines as one. */
void lab_add_setting_errors(struct text *out, const struct text *errors);

/* conversation.c */
http_h lab_get_conversations, lab_get_conversation, lab_get_story, lab_get_pushes, lab_get_push;
/** The number in the path, or 0, which no conversation has. */
uint64_t lab_path_id(const struct http_request *r);
/** What is known of a conversation; NULL: nothing. */
struct json_object *lab_conversation_json(const struct core *c, uint64_t id);

/* filter.c */
/** Whether the lab has ever heard of the users, phones and conversations that are asked for. If not, a sentence in why. */
bool lab_knows(const struct lab *l, const struct match *m, struct text *why);
bool lab_knows_all(const struct lab *l, const struct expectation *e, struct text *why);
/** The address of the query's "user", made in the caller's room; *ret is NULL without one. False: it has been answered,
 *  since there is no such user. */
bool lab_query_user(const struct lab *l, struct http_request *r, char room[URI_MAX_AOR + 1],
		    const char **ret);
/** Read the filters of the query, which are conditions as in a wait. Answers 400 or 404 and returns false if one of them
 *  cannot be, or asks for what the lab has never heard of; else match_deinit() it. */
bool lab_filter_read(const struct lab *l, struct match *m, struct http_request *r);

/* journal.c */
http_h lab_get_journal;

/* export.c */
http_h lab_export_conversation, lab_export_journal;

/** Let the journal be these records, and nobody take its numbers for those before: the instance is another one, who follows
 *  connects again, and who waits is answered. */
void lab_replace_journal(struct lab *l, struct record *const *records, size_t n);

/* follow.c */
/** Answer with the stream of the journal, which is on. */
void lab_follow(struct lab *l, struct http_request *r);
/** There are new records. */
void lab_followers_wake(struct lab *l);
void lab_followers_free(struct lab *l);

/* wait.c */
http_h lab_post_wait, lab_post_verify;
void lab_waits_feed(struct lab *l);
/** The journal will be another one: answer all. */
void lab_waits_replace(struct lab *l);
void lab_waits_free(struct lab *l);

/* clock.c */
http_h lab_get_clock, lab_post_advance, lab_post_freeze, lab_post_resume;
struct json_object *lab_clock(const struct lab *l);
void lab_moves_free(struct lab *l);
void lab_resume_clock(struct lab *l);

/* expire.c */
http_h lab_end_conversation, lab_expire_conversation, lab_expire_session, lab_expire_subscription,
	lab_expire_registration;

/* test_push.c */
http_h lab_post_test_push;
void lab_test_pushes_free(struct lab *l);

/* fault.c */
http_h lab_get_faults, lab_put_faults, lab_delete_faults;
/** The rules and their seed, as they are set. */
struct json_object *lab_faults_json(const struct lab *l);
/** Set such an object's, or only see whether that can be. False, and nothing has changed, with a sentence in why. */
bool lab_set_faults(struct lab *l, struct json_object *o, bool is_trial, struct text *why);

/* drill/run.c, drill/test_im.c */
http_h lab_get_drills, lab_post_drill, lab_post_test_im;

/* import.c */
http_h lab_get_snapshot, lab_post_import;
void lab_import_free(struct lab *l);

/* actor/act.c */
http_h lab_get_actors, lab_post_actors, lab_get_actor, lab_delete_actor, lab_post_order;
void lab_actors_init(struct lab *l);
/** Drop those of this user, without a word; NULL: all. */
void lab_actors_reset(struct lab *l, const char *aor);
void lab_actors_free(struct lab *l);

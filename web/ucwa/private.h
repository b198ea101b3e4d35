/*
 * HTTPS API, what its files share
 */
#pragma once

#include "mcxd/base/log.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "proto/ucwa/event.h"
#include "proto/ucwa/hal.h"
#include "web/ucwa/ucwa.h"

#define UCWA_METRICS(X)                                                                            \
	X(requests_total, METRIC_COUNTER, "Requests answered")                                     \
	X(errors_total, METRIC_COUNTER, "Requests answered with a status from 400 on")             \
	X(bad_requests_total, METRIC_COUNTER, "Requests that were malformed or too large")         \
	X(unauthorized_total, METRIC_COUNTER, "Requests without a good token")                     \
	X(grants_refused_total, METRIC_COUNTER, "Token requests refused")                          \
	X(polls_replaced_total, METRIC_COUNTER, "Event requests replaced by a newer one")          \
	X(resyncs_total, METRIC_COUNTER, "Event requests with a wrong ack")                        \
	X(packets_total, METRIC_COUNTER, "Event packets sent")                                     \
	X(events_total, METRIC_COUNTER, "Events sent, repeated ones included")                     \
	X(polls, METRIC_GAUGE, "Event requests held open")

enum {
#define X(name, kind, help) UCWA_METRIC_##name,
	UCWA_METRICS(X)
#undef X
		N_UCWA_METRICS
};

/** One listener. */
struct ucwa_listener {
	struct list of_ucwa;
	struct ucwa *u;
	struct http *http;
	bool tls;
};

struct ucwa {
	struct loop *loop;
	struct core *core;
	struct journal *journal;
	struct ucwa_config config;
	char *public_url;
	struct auth *auth;
	struct http_route *routes; /* ucwa_rows as http wants them */
	struct idtab *polls;       /* struct ucwa_poll */
	struct idtab *apps;        /* struct ucwa_app by the phone's id */
	struct list sign_ins;      /* under way */
	struct list listeners;
	struct metrics *metric_set; /* that listeners add to; may be NULL */
	struct metric metrics[N_UCWA_METRICS];
};

/** What a route wants before its handler runs. */
enum {
	UCWA_TOKEN = 1 << 0,
	UCWA_APP = 1 << 1,           /* a token, and an application of its owner */
	UCWA_BODY_JSON = 1 << 3,     /* a JSON object */
	UCWA_BODY_OPTIONAL = 1 << 4, /* or nothing */
	UCWA_BODY_TEXT = 1 << 5,
	UCWA_BODY_FORM = 1 << 6,
	UCWA_OURS = 1 << 7,    /* not in Microsoft's documentation */
	UCWA_DISCOVER = 1 << 8 /* finding the server and signing in */
};

struct ucwa_request;
typedef void ucwa_h(struct ucwa_request *q);

struct ucwa_row {
	const char *method;
	const char *path;
	ucwa_h *handler;
	unsigned flags;
	const char *resource; /* what it is called in the journal and in the OpenAPI document */
	const char *help;
	const char *query; /* names of its parameters, with blanks between; NULL: none */
};

/** A request under way. user, phone and app are good while the handler runs, and only with UCWA_TOKEN
 *  and UCWA_APP. */
struct ucwa_request {
	struct ucwa *u;
	struct ucwa_listener *listener;
	struct http_request *r;
	const struct ucwa_row *row;
	struct user *user;
	struct phone *phone;
	struct ucwa_app *app;
	char *aor;       /* of the user, once it is known */
	char *app_id;    /* once it is known */
	uint64_t number; /* {n} of the path: a conversation */
	bool recorded;   /* the journal has it already */
	const void *body;
	size_t n_body;
};

/* ---- routes.c ---- */

extern const struct ucwa_row ucwa_rows[];
extern const size_t ucwa_n_rows;

/* ---- before.c: what is checked before a handler runs ---- */

/** False: it has been answered. */
bool ucwa_before(struct ucwa_request *q);

/* ---- answer.c ---- */

/** Answer with JSON, whose reference is taken over. */
#define UCWA_JSON_TYPE "application/json; charset=utf-8"
void ucwa_json(struct ucwa_request *q, int status, struct hal *body);
void ucwa_no_content(struct ucwa_request *q);

/** Answer with the error body of a row, and its HTTP status. message NULL: the row's reason. */
void ucwa_fail(struct ucwa_request *q, enum diag_code code, const char *message);
void ucwa_failf(struct ucwa_request *q, enum diag_code code, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/** The same with what core said. */
void ucwa_fail_phone(struct ucwa_request *q, enum phone_result result);
/** 401, and where tokens come from. */
void ucwa_unauthorized(struct ucwa_request *q, const char *message);

/** "https://host:port" that links of this answer start with; free() it. */
char *ucwa_base(const struct ucwa_request *q);
/** The same of the TLS listener; NULL when there is none. */
char *ucwa_secure_base(const struct ucwa_request *q);

/** A query parameter that is a number from min to max. Returns 0; 1, and nothing set, when it is not
 *  there; -EINVAL when it is none, and it has been answered then. */
int ucwa_number(struct ucwa_request *q, const char *name, int64_t min, int64_t max, int64_t *ret);

/* ---- record.c ---- */

/** Record the exchange now, before it has its effects: the journal then tells them in their order. */
void ucwa_expect(struct ucwa_request *q, int status);
void ucwa_record(struct ucwa_request *q, int status);
/** Bad input. */
void ucwa_fault(struct ucwa *u, const struct ucwa_request *q, const char *peer, const char *what);
void ucwa_record_event(struct ucwa_request *q, const struct ucwa_event *e, uint64_t packet);

/* ---- app.c: what the room remembers of an application ---- */

struct ucwa_app {
	uint64_t phone_id;
	char *path;         /* "/ucwa/oauth/v1/applications/<id>" */
	struct list recent; /* resources of things that are over, oldest first */
	int64_t n_recent;
	struct list typing; /* conversations whose other side types */
	int64_t timeout_ms; /* of event requests, as the client said last; 0: never */
	uint64_t held_poll; /* the event request that is held, and its ack and priority */
	int64_t held_ack, held_priority;
	char *availability, *note, *location; /* of me; NULL: never set */
};

struct ucwa_app *ucwa_app_of(struct ucwa *u, const struct phone *p);
void ucwa_app_forget(struct ucwa *u, uint64_t phone_id);
void ucwa_apps_free(struct ucwa *u);

/** Keep a resource's text, which is taken over, in place of one that was kept under this path before.
 *  operation_id may be NULL. */
void ucwa_keep(struct ucwa *u, struct ucwa_app *app, const char *path, char *text,
	       const char *operation_id);
/** Its text; NULL when it is not (any more) there. */
const char *ucwa_kept(const struct ucwa_app *app, const char *path);
const char *ucwa_kept_operation(const struct ucwa_app *app, const char *path);

void ucwa_set_typing(struct ucwa_app *app, uint64_t conversation, bool typing);
bool ucwa_is_typing(const struct ucwa_app *app, uint64_t conversation);

/* ---- application.c ---- */

ucwa_h ucwa_post_applications, ucwa_get_application, ucwa_delete_application;
void ucwa_sign_ins_free(struct ucwa *u);

/* ---- me.c ---- */

ucwa_h ucwa_get_me, ucwa_make_me_available, ucwa_report_my_activity, ucwa_get_presence,
	ucwa_post_presence, ucwa_get_note, ucwa_post_note, ucwa_get_location, ucwa_post_location,
	ucwa_get_people, ucwa_get_contact, ucwa_get_online_meetings;
struct hal *ucwa_me(struct hal *o, const struct ucwa_request *q);
struct hal *ucwa_people(struct hal *o, const struct ucwa_request *q);
struct hal *ucwa_online_meetings(struct hal *o, const struct ucwa_request *q);

/* ---- poll.c ---- */

extern const struct poll_port ucwa_poll_port;
ucwa_h ucwa_get_events;
/** The ack that continues without losing anything. */
uint64_t ucwa_next_ack(const struct phone *p);

/* ---- events.c ---- */

/** Everything that is queued for the phone, as the packet of this number. */
struct hal *ucwa_packet(struct ucwa_request *q, uint64_t number);

/* ---- communication.c ---- */

ucwa_h ucwa_get_communication, ucwa_get_conversations, ucwa_get_conversation,
	ucwa_delete_conversation, ucwa_get_participants, ucwa_get_participant, ucwa_get_messaging,
	ucwa_get_typing_participants, ucwa_get_invitation, ucwa_accept, ucwa_decline;
struct hal *ucwa_communication(struct hal *o, const struct ucwa_request *q);
/** Is this the address of one of our users? */
bool ucwa_is_known(const struct ucwa *u, const char *aor);
/** What the live conversation of this number is; false: there is none. */
bool ucwa_view(const struct ucwa_request *q, uint64_t number, struct ucwa_conversation *ret);

/* ---- message.c ---- */

ucwa_h ucwa_post_message, ucwa_get_message, ucwa_post_typing, ucwa_terminate;

/* ---- log.c ---- */

ucwa_h ucwa_get_missed_items, ucwa_get_logs, ucwa_get_log, ucwa_delete_log, ucwa_mark_as_read;

/* ---- push.c ---- */

ucwa_h ucwa_get_subscription, ucwa_put_subscription, ucwa_delete_subscription;

/* ---- token.c ---- */

ucwa_h ucwa_post_token;

/* ---- autodiscover.c ---- */

ucwa_h ucwa_get_root, ucwa_get_domain, ucwa_get_user, ucwa_get_mcx_page;

/* ---- openapi.c ---- */

ucwa_h ucwa_get_openapi, ucwa_get_health;

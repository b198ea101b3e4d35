/*
 * Simulated phone
 *
 * What a Lync Mobile app and the phone under it do, by public interfaces only: it finds its server,
 * signs in, asks the push service for a notification channel, subscribes to pushes, and goes to the
 * background or asks for events. Every path comes as a link in some answer.
 *
 *   SIGNING_IN -> FOREGROUND <-> BACKGROUND -> ENDING
 *
 * In the FOREGROUND an event request is open; in the BACKGROUND only the carrier connection is.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/sim/sim.h"
#include "proto/text/text.h"
#include "web/http/client.h"

#include <json-c/json.h>

enum reaction { REACT_ACCEPT, REACT_DECLINE, REACT_IGNORE };

enum { MAX_REACTIONS = 16 };

struct phone_options {
	const char *ready_file;
	const char *server; /* base URL, or where autodiscover starts */
	const char *ca;     /* may be NULL: the system's */
	const char *user;   /* AoR without scheme */
	const char *password;
	const char *push_service_url; /* NULL: no channel, no pushes */
	const char *user_agent;
	const char *device_name;
	const char *endpoint_id; /* NULL: a new one */
	const char *say;
	bool background, echo, json, sign_out;
	enum reaction on_toast[MAX_REACTIONS]; /* to the first, second, ... the last goes on */
	size_t n_on_toast;
	enum reaction on_invite;
	int64_t count;             /* conversations, then exit; 0: no end */
	int64_t hang_up_after;     /* messages; 0: never */
	int64_t timeout_s;         /* give up after; 0: never */
	struct json_object *ready; /* keeps the strings that came from the ready file */
};

enum phase { PHASE_SIGNING_IN, PHASE_FOREGROUND, PHASE_BACKGROUND, PHASE_ENDING };

struct sim_phone {
	struct loop *loop;
	struct http_client *http;
	const struct phone_options *options;
	struct sim_input *input;
	enum phase phase;
	int code;        /* to exit with */
	size_t end_step; /* ENDING: what is next */

	struct list requests; /* struct request.of_phone */
	char *origin;         /* "https://127.0.0.1:8443", what hrefs are relative to */
	char *token;
	char *token_href, *user_href;
	bool renewing;                                  /* a new token is on its way */
	void (*on_token)(struct sim_phone *h, bool ok); /* when it is there */
	int n_redirects;

	struct json_object *application;
	char *next_events; /* href of the next event request */
	struct request *events;
	int n_event_failures;
	struct loop_timer retry_events;
	struct loop_timer activity; /* reportMyActivity */
	struct loop_timer idle;     /* back to the background when nothing happens */

	char *channel; /* URL of the channel */
	char *notification_uri;
	char *carrier; /* URL of the held request, without its query */
	uint64_t carrier_after;
	struct request *carrier_request;
	int n_carrier_failures;
	struct loop_timer retry_carrier;

	size_t n_toasts;
	bool woken;           /* it came to the foreground because of a toast */
	enum reaction answer; /* to the invitation that the toast was about */

	struct json_object *missed; /* conversation logs that are being read */
	size_t n_missed;
	void (*on_missed)(struct sim_phone *h);

	struct list chats;  /* struct chat.of_phone, oldest first */
	struct list unsent; /* struct line.of_list: typed before anything was connected */
	int64_t n_unsent;
	int64_t n_done; /* conversations */
	bool eof;       /* of standard input */
	bool has_lines; /* something came from there */
	struct loop_timer deadline;
};

/* ---- options.c ---- */

/** Returns -1 to go on, or an exit code. */
int phone_options_parse(int argc, char **argv, struct phone_options *ret);
void phone_options_deinit(struct phone_options *o);

/* ---- life.c ---- */

struct sim_phone *sim_phone_new(struct loop *l, const struct phone_options *o);
struct sim_phone *sim_phone_free(struct sim_phone *h);
void sim_phone_start(struct sim_phone *h);

/** The application exists: tell, and go on to the channel or the foreground. */
void sim_phone_on_signed_in(struct sim_phone *h);
void sim_phone_to_foreground(struct sim_phone *h);
void sim_phone_to_background(struct sim_phone *h);

/** A conversation came to its end, or a toast was answered by doing nothing. */
void sim_phone_on_done(struct sim_phone *h);

/** End if all that was asked for has happened. */
void sim_phone_check_end(struct sim_phone *h);

/** Something happened in the foreground: it does not go to the background by itself for a while. */
void sim_phone_touch(struct sim_phone *h);

/** End with this exit code, after hanging up and acknowledging what has arrived. */
void sim_phone_end(struct sim_phone *h, int code);

/** End with a sentence for people. */
void sim_phone_fail(struct sim_phone *h, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- request.c ---- */

struct request;

/** body: the answer's JSON, or NULL. */
typedef void answer_h(struct sim_phone *h, const struct http_result *r, struct json_object *body,
		      void *magic);

struct request_spec {
	const char *method;
	const char *href; /* absolute, or relative to the origin */
	const char *type; /* of the body */
	const char *body; /* may be NULL */
	bool plain;       /* without the token */
	bool lasting; /* a held request: no answer may come for long, and failing is not fatal */
	answer_h *on_answer; /* NULL: an error is told, that is all */
	void *magic;
};

/** Send it. A token that is not valid any more is renewed once. Unless it is lasting, an unreachable
 *  server ends everything. */
struct request *request_send(struct sim_phone *h, const struct request_spec *spec);
struct request *request_cancel(struct request *r);

/** Cancel those with this magic; NULL: all. */
void request_cancel_all(struct sim_phone *h, const void *magic);

/** Whether the answer is a success; if not, says what was refused and why. */
bool request_ok(const struct http_result *r, struct json_object *body, const char *what);

/** What an answer says about its failure, for people; free() it. */
char *request_problem(const struct http_result *r, struct json_object *body);

/* ---- links.c ---- */

/** href of a link of a resource, or NULL. Of several the first. */
const char *link_href(struct json_object *resource, const char *rel);

/** An embedded resource, or NULL. Of several the one at this index. */
struct json_object *link_embedded(struct json_object *resource, const char *rel, size_t index);

/** A string member, or NULL. */
const char *link_string(struct json_object *o, const char *name);

/** The URL that an href means in answers of this origin; free() it. */
char *link_resolve(const char *origin, const char *href);

/** scheme://host:port of a URL; NULL when it has none. free() it. */
char *link_origin(const char *url);

/** The text of a data URI, or NULL; free() it. */
char *link_text(const char *href);

/* ---- sign_in.c ---- */

void sign_in_start(struct sim_phone *h);

/** Get a new token, then call this. */
void sign_in_renew(struct sim_phone *h, void (*on_token)(struct sim_phone *h, bool ok));

/* ---- push.c ---- */

/** Get a channel and subscribe; goes on with sim_phone_on_subscribed(). */
void push_start(struct sim_phone *h);
void sim_phone_on_subscribed(struct sim_phone *h);

/** Ask the carrier for what comes after what has arrived. */
void push_listen(struct sim_phone *h);

/* ---- events.c ---- */

void events_start(struct sim_phone *h);
void events_stop(struct sim_phone *h);

/* ---- missed.c ---- */

/** Read, tell and clear what was missed; then call this. */
void missed_read(struct sim_phone *h, void (*on_read)(struct sim_phone *h));

/* ---- chat.c ---- */

enum chat_state { CHAT_RINGING, CHAT_ANSWERING, CHAT_CONNECTED };

struct line {
	struct list of_list;
	char *text;
};

struct chat {
	struct list of_phone;
	struct sim_phone *phone;
	enum chat_state state;
	char *conversation; /* href, its name */
	char *invitation;   /* href */
	char *accept, *decline;
	char *send, *typing, *stop;
	char *from, *uri;
	char *first_line; /* may be NULL */
	struct list outbox;
	char *sending; /* the text that is on its way; NULL: none */
	bool accepted; /* and told */
	bool counts;   /* it was answered, or ignored on purpose */
	bool closing;  /* hang up when it is known what became of everything */
	int64_t n_messages;
	int64_t n_unsettled; /* sent, and not told what became of it; the event may overtake the answer */
};

/* Events, with the resource that they embed. */
void chat_on_invited(struct sim_phone *h, struct json_object *invitation, const char *href);
void chat_on_invitation_ended(struct sim_phone *h, struct json_object *event, const char *href);
void chat_on_messaging(struct sim_phone *h, struct json_object *messaging, const char *sender);
void chat_on_message(struct sim_phone *h, struct json_object *event, struct json_object *message,
		     const char *sender);
void chat_on_conversation_gone(struct sim_phone *h, const char *href);

/** The packet is read to its end: answer what is still open. */
void chat_answer_all(struct sim_phone *h);
void chat_answer(struct chat *c, enum reaction reaction);

/** Queue a text; it goes out when those before it have. */
void chat_say(struct chat *c, const char *text);
void chat_type(struct chat *c);
void chat_hang_up(struct chat *c);
void chat_free(struct chat *c);

/** The youngest that is connected (or rings, with ringing); NULL: none. */
struct chat *chat_current(struct sim_phone *h, bool ringing);
struct chat *chat_find(struct sim_phone *h, const char *conversation);
bool chat_any_open(const struct sim_phone *h);

/* ---- line.c ---- */

/** A line of standard input: a command that begins with a slash, or a message. */
void line_on_read(void *magic, const char *line);
void line_on_eof(void *magic);

/** What was typed before belongs to this conversation. */
void line_flush(struct chat *c);

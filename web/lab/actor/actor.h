/*
 * Actor
 *
 * A person at a desktop or with a phone whom the lab hosts: a client of mcxd/sim that reaches the front end and the push
 * service of this process over real SIP and HTTPS. Here is what every kind of actor has, and what a person sees: whether
 * the client is signed in, the open conversations, and the lines that were written. What is peculiar to a kind is in
 * actor_desktop.c and actor_phone.c, what the lab API makes of it in act.c.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/sim/sim.h"
#include "proto/text/text.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct actor;
struct lab;

enum actor_state {
	ACTOR_SIGNED_OUT,
	ACTOR_SIGNING_IN,
	ACTOR_SIGNED_IN,
	ACTOR_SIGNING_OUT,
	N_ACTOR_STATES
};

extern const char *const actor_state_names[N_ACTOR_STATES];

/** A conversation as the person sees it. */
enum actor_talk_state { ACTOR_INVITED, ACTOR_INVITING, ACTOR_CONNECTED, N_ACTOR_TALK_STATES };

struct actor_talk {
	struct list of_actor;
	uint64_t number; /* from 1 */
	enum actor_talk_state state;
	char *id;         /* the client's name for it; NULL: it has one conversation at a time */
	char *peer;       /* address; NULL: the client has not told it */
	char *name;       /* as the client shows it */
	char *first_line; /* of an invitation of its own, until that is answered */
	bool typing;      /* the peer is */
	bool ignored;
};

/** What a person tells the actor to do. */
struct actor_order {
	const char *to;   /* address, with or without a domain; NULL: nobody is named */
	const char *text; /* NULL: there is none */
};

/** Do it. Returns 0; or an HTTP status with a sentence in why, and nothing has been done. */
typedef int actor_do_h(struct actor *a, const struct actor_order *order, struct text *why);

struct actor_kind {
	const char *name; /* "phone" */
	const char
		*hop_prefix; /* of what its hop is called in the journal, before the user's AoR */
	/** Without a client. NULL, with a sentence in why: nothing in this process can serve this kind. */
	struct actor *(*make)(const struct lab *l, struct text *why);
	/** Drop the client without a word, if there is one, and free the actor. */
	void (*free)(struct actor *a);
	/** Sign the client out; actor_on_end() follows. One that is ending goes on. */
	void (*leave)(struct actor *a);
	/** What the event means to this kind, after actor.c has taken it. */
	void (*on_event)(struct actor *a, const struct sim_event *event);
	/** Add members of its own. */
	void (*show)(struct actor *a, struct json_object *o);
	/** The Contact that the front end knows it by, "<sip:…>"; NULL: it does not register, or has not. */
	const char *(*contact)(struct actor *a);
};

extern const struct actor_kind actor_desktop, actor_phone;

struct actor {
	struct list of_lab;
	struct lab *lab;
	const struct actor_kind *kind;
	uint64_t id;
	char *user;     /* AoR */
	char *name;     /* of the desktop or phone: "Bob's phone" */
	char *password; /* of the user, when it signed in last */
	enum actor_state state;
	bool is_on;
	bool is_leaving; /* it was removed, and ends with its client */
	char *problem; /* the client's last complaint; NULL: none since it signed in, or since something went well */
	struct list talks; /* struct actor_talk.of_actor, oldest first */
	uint64_t last_talk;
	struct list lines; /* oldest first */
	int64_t n_lines;
};

/** NULL: there is no such kind. */
const struct actor_kind *actor_kind_of(const char *name);

/** Make one, which is not among the lab's actors yet. Returns 0, or an HTTP status with a sentence in why: there are too many,
 *  or nothing in this process can serve this kind. */
int lab_actor_new(struct lab *l, const struct actor_kind *kind, struct actor **ret,
		  struct text *why);
/** Complete it, and let the lab host it under this number; strings are copied. */
void lab_actor_enter(struct lab *l, struct actor *a, const char *user, const char *name,
		     uint64_t id);
/** Let it sign out, and remove it. */
void lab_actor_remove(struct actor *a);
/** As the command does. */
int lab_actor_sign_in(struct actor *a, struct text *why);

/** Complete an actor that a kind has made; strings are copied. */
void actor_init(struct actor *a, struct lab *l, const char *user, const char *name);
void actor_deinit(struct actor *a);
/** Take it from the lab and free it. */
void lab_actor_free(struct actor *a);

/** Record something about an actor that nothing on the wire tells: an event of its client, or what it was told to do.
 *  text, peer: may be NULL. */
void actor_record(const struct actor *a, const char *event, const char *peer, const char *text);

/** Sign out; an actor that does goes on. */
void actor_leave(struct actor *a);

/** For the members of struct sim_ops of the same names, with the actor as magic. */
void actor_on_event(void *magic, const struct sim_event *event);
void actor_on_problem(void *magic, const char *sentence);
/** The client has ended and was freed; so is the actor, if it was removed. */
void actor_on_end(struct actor *a);

/** The value of a field of an event, or NULL. */
const char *actor_field(const struct sim_event *event, const char *name);

/** The newest conversation in this state that was not ignored, or NULL. */
struct actor_talk *actor_talk_in(const struct actor *a, enum actor_talk_state state);
/** The newest conversation that is connected or was begun by the actor, or NULL. */
struct actor_talk *actor_talk_open(const struct actor *a);
/** All are over. */
void actor_talks_drop(struct actor *a);

/* ---- actor_line.c ---- */

/* WAITING: the actor wrote it, and it is not sent yet, or is the first line of an invitation that nobody has answered. */
enum line_state { LINE_RECEIVED, LINE_WAITING, LINE_SENT, LINE_FAILED, LINE_NOTE, N_LINE_STATES };

/** What a line is made of; all but text may be NULL. */
struct actor_line {
	enum line_state state;
	const char *peer; /* address */
	const char *name;
	const char *text;
};

/** Copied; at the limit the oldest goes. */
void actor_add_line(struct actor *a, const struct actor_line *line);
/** The actor has written this in a conversation, or to somebody (an address) in order to begin one, and it is on its way. */
void actor_wrote(struct actor *a, const struct actor_talk *t, const char *peer, const char *text);
/** What was written to begin one has begun this one. */
void actor_invited(struct actor *a, const struct actor_talk *t);
/** What has become of a line that it has written. */
void actor_settle_line(struct actor *a, const char *text, enum line_state state);
/** One with this text was sent, and has not arrived. */
void actor_fail_line(struct actor *a, const char *text);
/** What waits in this conversation never will be sent; NULL: in any. */
void actor_fail_lines(struct actor *a, const struct actor_talk *t);
void actor_drop_lines(struct actor *a);
/** The lines as an array of {peer, name, state, text}. */
struct json_object *actor_lines_json(const struct actor *a);
/** Whether a line can have this state. */
bool actor_knows_line(const char *state);
/** Add one that such an array has, with the name of its state. */
void actor_put_line(struct actor *a, const char *state, const struct actor_line *line);

/** Refuse an order: a 409 with the name of the actor before this. */
int actor_refuse(const struct actor *a, struct text *why, const char *what);

/** A client that signs in: the state and the user's password are taken. Returns 0, or a status as actor_do_h does. */
int actor_begin(struct actor *a, struct text *why);

/** An address of the actor's own domain if it has none; free() it. NULL: it is not an address. */
char *actor_address(const struct actor *a, const char *who);

/** Where clients on this machine reach a listener of this process, "127.0.0.1:5060" or "https://127.0.0.1:8443"; free()
 *  it. NULL: there is no such listener. */
char *actor_listener(const struct lab *l, const char *name);

struct json_object *actor_json(struct actor *a);

/* ---- desktop.c: what is left after a power cut ---- */

struct sim_dialog;

/** The dialog of its conversation; sim_dialog_deinit() it. False: it has none that is connected. */
bool desktop_save(struct actor *a, struct sim_dialog *ret);
/** For one that has not signed in: it goes on with this once it does. Copied. */
void desktop_restore(struct actor *a, const struct sim_dialog *dialog);

/* ---- what an actor can be told to do; act.c has the table ---- */

/* actor_desktop.c */
actor_do_h desktop_sign_in, desktop_send, desktop_type, desktop_accept, desktop_decline,
	desktop_cancel, desktop_bye, desktop_switch_off, desktop_switch_on;

/* actor_phone.c */
actor_do_h phone_sign_in, phone_send, phone_type, phone_accept, phone_decline, phone_cancel,
	phone_bye;

/* actor_screen.c */
actor_do_h phone_ignore, phone_open, phone_background, phone_lock, phone_unlock, phone_dismiss,
	phone_lose_network, phone_network_back, phone_switch_off, phone_switch_on;

/* actor.c */
actor_do_h actor_ignore, actor_sign_out;

/*
 * Simulated clients
 *
 * A phone (phone/phone.h) and a desktop (desktop.h) that use only the public interfaces of a lab. They are
 * libraries: a client owns no descriptor of the process, no signal and no exit code, and prints nothing.
 * Its host makes it, tells it what to do by calling its functions, and is told what happens through
 * struct sim_ops; so one program can host many clients in one loop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** How a conversation, or the whole client, ended. */
enum sim_outcome {
	SIM_DONE,       /* what was asked happened */
	SIM_FAILED,     /* it did not */
	SIM_UNREACHABLE /* the server cannot be reached */
};

/** What the simulated person does when somebody writes. */
enum sim_reaction { SIM_ACCEPT, SIM_DECLINE, SIM_IGNORE };

/** "accept", "decline" or "ignore" of n bytes. Returns false for anything else. */
bool sim_reaction_parse(const char *s, size_t n, enum sim_reaction *ret);

/** What the one conversation of a desktop is doing. */
enum sim_call_state {
	SIM_CALL_IDLE, /* there is none */
	SIM_CALL_INVITING,
	SIM_CALL_INVITED,
	SIM_CALL_CONNECTED,
	SIM_CALL_ENDING,
	SIM_N_CALL_STATES
};

/* Every event: X(constant, name, clients that report it, what happened). */
#define SIM_EVENTS(X)                                                                              \
	X(REGISTERED, "registered", SIM_OF_DESKTOP, "the server has accepted REGISTER")            \
	X(SIGNED_IN, "signed-in", SIM_OF_PHONE, "the application exists on the server")            \
	X(CHANNEL, "channel", SIM_OF_PHONE, "the push service has given a notification URI")       \
	X(SUBSCRIBED, "subscribed", SIM_OF_PHONE, "the server sends pushes to that URI")           \
	X(NOT_SUBSCRIBED, "not-subscribed", SIM_OF_PHONE, "the server sends no pushes")            \
	X(FOREGROUND, "foreground", SIM_OF_PHONE, "the app is open")                               \
	X(BACKGROUND, "background", SIM_OF_PHONE, "the app waits for pushes")                      \
	X(TOAST, "toast", SIM_OF_PHONE, "a toast was shown")                                       \
	X(TILE, "tile", SIM_OF_PHONE, "the tile shows this number")                                \
	X(RAW, "raw", SIM_OF_PHONE, "a raw notification arrived")                                  \
	X(WITHDRAWN, "withdrawn", SIM_OF_PHONE, "a toast was taken off")                           \
	X(MISSED, "missed", SIM_OF_PHONE, "a conversation was missed")                             \
	X(INVITE, "invite", SIM_OF_PHONE | SIM_OF_DESKTOP, "an invitation was sent")               \
	X(PROGRESS, "progress", SIM_OF_DESKTOP, "a SIP response to it arrived")                    \
	X(WINDOW, "window", SIM_OF_DESKTOP, "what the window of a Lync client says now")           \
	X(FAILED, "failed", SIM_OF_PHONE | SIM_OF_DESKTOP,                                         \
	  "the invitation ended without a conversation")                                           \
	X(INVITED, "invited", SIM_OF_PHONE | SIM_OF_DESKTOP, "an invitation arrived")              \
	X(ACCEPTED, "accepted", SIM_OF_PHONE, "the invitation was accepted")                       \
	X(DECLINED, "declined", SIM_OF_PHONE | SIM_OF_DESKTOP, "the invitation was declined")      \
	X(CONNECTED, "connected", SIM_OF_PHONE | SIM_OF_DESKTOP, "messages can be sent")           \
	X(SENT, "sent", SIM_OF_PHONE | SIM_OF_DESKTOP, "a message was sent")                       \
	X(NOT_SENT, "not-sent", SIM_OF_PHONE | SIM_OF_DESKTOP, "a message could not be sent")      \
	X(NOT_DELIVERED, "not-delivered", SIM_OF_PHONE | SIM_OF_DESKTOP,                           \
	  "a message did not reach the other side")                                                \
	X(MESSAGE, "message", SIM_OF_PHONE | SIM_OF_DESKTOP, "a message arrived")                  \
	X(TYPING, "typing", SIM_OF_PHONE | SIM_OF_DESKTOP, "the other side is typing")             \
	X(STOPPED_TYPING, "stopped-typing", SIM_OF_DESKTOP, "the other side stopped typing")       \
	X(ENDED, "ended", SIM_OF_PHONE | SIM_OF_DESKTOP, "a conversation or invitation ended")

enum { SIM_OF_PHONE = 1, SIM_OF_DESKTOP = 2 };

enum sim_event_kind {
#define X(constant, name, clients, help) SIM_EVENT_##constant,
	SIM_EVENTS(X)
#undef X
		SIM_N_EVENTS
};

/** A row of the table above. */
struct sim_event_row {
	const char *name;
	unsigned clients;
	const char *help;
};

extern const struct sim_event_row sim_event_rows[SIM_N_EVENTS];

struct sim_field {
	const char *name;
	const char *value; /* NULL: left out */
};

/** Something that happened. Everything in it is valid during the call only. */
struct sim_event {
	enum sim_event_kind kind;
	const char *summary; /* for people, without the name; NULL: nothing to add */
	const struct sim_field *fields;
	size_t n_fields;
};

/** What a client tells its host; any of these may be NULL. The host may call the client's functions from
 *  all of them, but free it only from on_end or from outside. */
struct sim_ops {
	void (*on_event)(void *magic, const struct sim_event *event);
	/** A sentence for people about what went wrong; the client may go on nevertheless. */
	void (*on_problem)(void *magic, const char *sentence);
	/** A conversation is over, or was ignored on purpose; its last event was reported before. */
	void (*on_over)(void *magic, enum sim_outcome outcome);
	/** The client has ended and does nothing more. Called once, from the loop. */
	void (*on_end)(void *magic, enum sim_outcome outcome);
};

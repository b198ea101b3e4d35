/*
 * Actor: a phone, what its files share
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/sim/sim.h"
#include "web/lab/actor/actor.h"

#include <stdbool.h>
#include <stdint.h>

struct text;

/** What the phone shows. */
enum phone_screen { PHONE_LOCK, PHONE_HOME, PHONE_APP, N_PHONE_SCREENS };

struct sim_phone;

struct actor_toast {
	char *from, *text; /* NULL: no toast is shown */
	char *push;        /* that it came with; NULL: it is not known */
};

/** from: NULL takes it off. */
void actor_toast_set(struct actor_toast *t, const char *from, const char *text, const char *push);
struct json_object *actor_toast_json(const struct actor_toast *t);

struct actor_phone {
	struct actor actor;
	struct sim_phone *sim; /* NULL: signed out */
	char *server;          /* "https://127.0.0.1:8443" */
	char *push_service;    /* URL; NULL: none in this process */
	char *ca_file;
	char *endpoint_id;
	bool is_online;
	bool is_iphone;
	bool wants_no_toasts;
	bool has_channel; /* pushes can reach it */

	enum phone_screen comes_back_to; /* once it has signed in */
	struct actor_toast past_toast;   /* which is shown then, … */
	int64_t past_tile;               /* … and so is this */
	bool is_coming_back;
	uint64_t post; /* of what follows the sign-in; 0: nothing does */

	/* actor_screen.c */
	enum phone_screen screen;
	struct actor_toast toast;
	int64_t tile; /* the number on the tile; 0: none */
};

static inline struct actor_phone *actor_phone_of(struct actor *a)
{
	return LIST_ENTRY(a, struct actor_phone, actor);
}

/** What a phone is known by after a power cut. */
struct actor_phone_past {
	const char *endpoint_id;
	enum phone_screen screen;
	int64_t tile;
	const char *toast_from, *toast_text; /* NULL: it shows none */
	const char *toast_push;              /* may be NULL */
	bool is_online;
	bool signs_in; /* at once */
};

/** Add it to o, with the names of its members. */
void actor_phone_save(const struct actor_phone *p, struct json_object *o);
/** For one that has not signed in. Once it does, it will be there where it was. */
void actor_phone_restore(struct actor_phone *p, const struct actor_phone_past *past);

/* ---- actor_screen.c ---- */

/** By name; N_PHONE_SCREENS: there is none. */
enum phone_screen actor_screen_of(const char *name);
const char *actor_screen_name(enum phone_screen screen);

/** Open the app, whatever is shown now. */
void actor_screen_open(struct actor_phone *p);
void actor_screen_on_event(struct actor_phone *p, const struct sim_event *event);
/** Nothing is shown but the home screen: the client has gone. */
void actor_screen_reset(struct actor_phone *p);
void actor_screen_show(const struct actor_phone *p, struct json_object *o);

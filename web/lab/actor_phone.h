/*
 * Actor: a phone, what its files share
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/sim/sim.h"
#include "web/lab/actor.h"

#include <stdbool.h>
#include <stdint.h>

struct text;

/** What the phone shows. */
enum phone_screen { PHONE_LOCK, PHONE_HOME, PHONE_APP, N_PHONE_SCREENS };

struct sim_phone;

struct actor_phone {
	struct actor actor;
	struct sim_phone *sim; /* NULL: signed out */
	char *server;          /* "https://127.0.0.1:8443" */
	char *push_service;    /* URL; NULL: none in this process */
	char *ca_file;
	char *endpoint_id;
	bool is_online;
	bool has_channel; /* pushes can reach it */

	/* actor_screen.c */
	enum phone_screen screen;
	char *toast_from, *toast_text; /* NULL: no toast is shown */
	int64_t tile;                  /* the number on the tile; 0: none */
};

static inline struct actor_phone *actor_phone_of(struct actor *a)
{
	return LIST_ENTRY(a, struct actor_phone, actor);
}

/* ---- actor_screen.c ---- */

/** Open the app, whatever is shown now. */
void actor_screen_open(struct actor_phone *p);
void actor_screen_on_event(struct actor_phone *p, const struct sim_event *event);
/** Nothing is shown but the home screen: the client has gone. */
void actor_screen_reset(struct actor_phone *p);
void actor_screen_show(const struct actor_phone *p, struct json_object *o);

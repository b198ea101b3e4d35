/*
 * HTTPS API: what the room remembers of an application
 *
 * What only UCWA knows about a phone: its event request.
 * An entry is made when it is first asked for. Core does not know this
 * table, so nothing reports that a phone has gone: see SPARE_APPS.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct core;
struct phone;
struct ucwa;

struct ucwa_app {
	uint64_t phone_id;
	char *path;         /* "/ucwa/oauth/v1/applications/<id>" */
	int64_t timeout_ms; /* of event requests, as the client last said; 0: never said */
	uint64_t held_poll; /* the event request that is held, 0: none; its ack and priority */
	int64_t held_ack, held_priority;
	char *pass; /* see struct ucwa_takes */
};

/** The entry of a phone, created if there is none. */
struct ucwa_app *ucwa_app_of(struct ucwa *u, const struct phone *p);
/** Drop the entry of a phone that has signed out. */
void ucwa_app_forget(struct ucwa *u, uint64_t phone_id);
void ucwa_apps_free(struct ucwa *u);

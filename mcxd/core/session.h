/*
 * Session
 *
 * How long a phone stays signed in: it signs in, subscribes to push, expires when it is silent, and signs out.
 * Signing out ends everything that the phone has under way with others, so this file calls the files of all of
 * that.
 */
#pragma once

#include "mcxd/core/core.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"

#include <stdbool.h>
#include <stdint.h>

/** phone_id names the phone if the result is PHONE_OK. One that was removed in the meantime gives PHONE_NOT_FOUND. */
typedef void session_done_h(void *magic, enum phone_result result, uint64_t phone_id, bool is_new);

/** Sign in: the same endpoint id gets the same phone back (is_new is false). done is called from the loop, once
 *  the phone is stored; until then the phone is found already. */
void session_sign_in(struct user *u, const struct phone_spec *spec, session_done_h *done,
		     void *magic);

/** Drop the sign-ins that wait for the store; their done is not called. */
void session_drop_sign_ins(struct core *c);

/** The app is in the foreground for the first time: invitations ring the phone, and its user is present. Strings are
 *  copied. */
void session_make_available(struct phone *p, const struct phone_media *media);

/** The app takes something else from now on. Strings are copied. */
void session_set_media(struct phone *p, const struct phone_media *media);

/** Sign out: the phone's legs end, its held request is answered, and it is gone. */
void session_sign_out(struct phone *p);

/** How long the session lasts if no further request comes. */
int64_t session_left_ms(const struct phone *p);

/** It has been silent for too long, as of now: the phone is signed out. */
void session_expire(struct phone *p);

/** Strings are copied. */
enum phone_result session_subscribe(struct phone *p, const struct subscription *s);
enum phone_result session_unsubscribe(struct phone *p);

/** Its push subscription is over now; the session goes on. False if it has none. */
bool session_expire_subscription(struct phone *p);

/** A STORE_PHONE row. False if its user is unknown or the session has expired. */
bool session_restore(struct core *c, const struct store_row *row);

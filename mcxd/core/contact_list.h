/*
 * Contact list
 *
 * A phone's subscription to the list of contacts, which is that of all users: while it lasts, the phone learns who joins
 * and who leaves. What these do is told by another subscription, core/watch.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct phone;
struct user;

/** startOrRefreshSubscriptionToContactsAndGroups_ref has the limits of a duration, and of what is left of an extended
 *  one. */
#define CONTACT_LIST_MIN_MS      ((int64_t)10 * 60 * 1000)
#define CONTACT_LIST_MAX_MS      ((int64_t)60 * 60 * 1000)
#define CONTACT_LIST_EXTENDED_MS ((int64_t)30 * 60 * 1000)

/** Subscribe, or make the subscription last longer. */
void contact_list_subscribe(struct phone *p, int64_t duration_ms);
void contact_list_unsubscribe(struct phone *p);
bool contact_list_is_subscribed(const struct phone *p);

/** Go on with what the store had. */
void contact_list_begin(struct phone *p);
/** The phone is going, or has to learn anyway that its subscriptions have ended. */
void contact_list_drop(struct phone *p);

/** Tell all phones that are subscribed, and the presence port, that a user has joined, or is leaving. */
void contact_list_tell(const struct user *u, bool joined);

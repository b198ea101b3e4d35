/*
 * Roles: their configs
 *
 * What each role is told: its own section of the settings, what that shares with [net], and what is known only once
 * its neighbours in this process run.
 */
#pragma once

#include <stdbool.h>

struct http_config;
struct lab_info;
struct net_settings;
struct roles;

void roles_fill_push_service(struct roles *r);
void roles_fill_clearing_house(struct roles *r);
/** Whether notifications to iPhones go to the push service of this process. */
bool roles_have_own_apns(const struct roles *r);
void roles_fill_edge(struct roles *r);
void roles_fill_front_end(struct roles *r);
void roles_fill_core(struct roles *r);

/** What the lab tells of the phones' registrations upstream. */
void roles_tell_upstream(const struct roles *r, struct lab_info *ret);

/** own: the listener's section. */
void roles_fill_http(const struct roles *r, const struct net_settings *own,
		     struct http_config *http);

/** Settings that are live have changed: the roles that run are told. */
void roles_apply_settings(struct roles *r);

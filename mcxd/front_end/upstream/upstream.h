/*
 * Upstream
 *
 * The mobility service without a front end of its own: its phones are registered at somebody else's registrar, each by
 * itself, and what that one sends to such a registration goes to that phone alone.
 */
#pragma once

#include "mcxd/base/backoff.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"

#include <sofia-sip/sip.h>
#include <stdbool.h>
#include <stdint.h>

struct digest_maker;
struct front_end;
struct text;
struct upstream_registration;

struct upstream_config {
	const char *registrar; /* SIP URI; NULL or "": there is none */
	int64_t expires_s;
	struct backoff backoff; /* between attempts */
};

struct upstream {
	struct front_end *front_end;
	char *route;               /* to the registrar; NULL: there is none */
	struct strtab by_token;    /* struct upstream_registration, of phones that are signed in */
	struct list registrations; /* all, those that are leaving included */
	struct digest_maker *digest;
	int64_t n_registered;
	char *trouble; /* why the last attempt failed; NULL: it did not */
};

/** Returns 0, or a negative errno: the registrar's address cannot be used, which is logged. */
int upstream_init(struct upstream *u, struct front_end *s);
void upstream_deinit(struct upstream *u);

/** How many phones are registered, of how many; why the others are not, or NULL. Returns false if there is no upstream
 *  registrar. */
bool upstream_status(const struct upstream *u, int64_t *ret_registered, int64_t *ret_all,
		     const char **ret_trouble);

/** Append the URI at which the registrar reaches the phone with this token. False: there is no such registration. */
bool upstream_add_contact(const struct upstream *u, const char *token, struct text *out);

/** Whose phone a request is for that names one of our Contacts: the AoR in ret. Returns the phone's id; 0: it names none. */
uint64_t upstream_callee(const struct upstream *u, const url_t *url, char *ret, size_t size);

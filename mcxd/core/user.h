/*
 * User
 *
 * A person with an address of record, a password and a policy, who owns bindings and phones. This file decides
 * which address means which user. Every address of the open domain is a user; it takes memory only while it has an
 * endpoint or a conversation, has set its presence, or is watched. What happens to the user's endpoints and conversations when the policy changes
 * or the user is removed is in core/life.h.
 */
#pragma once

#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "mcxd/core/presence.h"
#include "proto/text/display_name.h"

#include <stdbool.h>
#include <stdint.h>

struct user_policy {
	bool enable_mobility;  /* may sign in with a phone */
	bool enable_push;      /* may be reached by push */
	bool no_outside_voice; /* may not take calls at another number */
};

/** Where a user comes from, and with what the user goes. */
enum user_origin {
	USER_OF_FILE, /* the users file */
	USER_ADDED,   /* the lab API: it has a row in the store */
	USER_OPEN     /* an address of core's open domain */
};

/** What a user is made of; strings are copied. */
struct user_spec {
	const char *aor;          /* "bob@lab.test"; letters are folded to lower case */
	const char *display_name; /* NULL: as the user part of the address is written */
	const char *password;
	const char *number;         /* telephone number; may be NULL */
	const char *outside_number; /* where calls to a phone's app are taken; may be NULL */
	struct user_policy policy;
	enum user_origin origin;
};

/** What of it is text. */
enum user_text { USER_AOR, USER_DISPLAY_NAME, USER_PASSWORD, USER_NUMBER, N_USER_TEXTS };

/** In characters; that of a telephone number is in bytes. */
enum { USER_MAX_PASSWORD = DISPLAY_NAME_MAX, USER_MAX_NUMBER = 64 };

/** What is wrong with such a text, as the end of a sentence: "must not be empty"; NULL: nothing. Every way by which a user
 *  comes in asks this first, so that whoever has been taken once can be exported and imported. An empty password is no
 *  flaw: nobody can sign in with it. */
const char *user_text_flaw(enum user_text what, const char *value);

struct user {
	struct core *core;
	char *aor;
	char *display_name; /* never NULL */
	char *password;
	char *number;         /* may be NULL */
	char *outside_number; /* may be NULL */
	enum user_origin origin;
	uint64_t row;         /* its number in the store; 0: none */
	uint64_t credentials; /* a new number, unique in core, with each new password */
	struct user_policy policy;
	struct list bindings;    /* struct binding.of_user */
	struct list phones;      /* struct phone.of_user */
	struct budget endpoints; /* bindings and phones */
	struct budget sign_ins;  /* phones alone */
	struct budget conversations;
	struct presence presence;
	struct list of_resting; /* unlinked unless it is an open user that may have nothing left */
};

/** Returns 0, 1 if the address is taken, or -EINVAL if it is not an address. ret_user may be NULL. */
int user_add(struct core *c, const struct user_spec *spec, struct user **ret_user);

/** What a user is made of at present; its strings are the user's. */
struct user_spec user_spec_of(const struct user *u);

/** Set everything but the address, of which only the display name is made if there is none, and do nothing else: see user_update() in core/life.h. */
void user_set(struct user *u, const struct user_spec *spec);

/** How many endpoints and conversations there may be, as core's config says. */
void user_apply_config(struct user *u);

/** Free a user without endpoints and conversations: see user_remove() in core/life.h. */
void user_free(struct user *u);

/** Where the user takes calls that ring at an app, "tel:+15550100", for free(). NULL: policy does not allow it, or there is no
 *  number. */
char *user_outside_voice(const struct user *u);

/** Whether the domain of this address, which is in lower case, is the open one or that of one of the users. */
bool user_domain_is_ours(const struct core *c, const char *aor);

/** Whether an address is in the open domain. is_local: it is this machine that asks, to which these users exist without
 *  a password, too. */
bool user_is_open(const struct core *c, const char *aor, bool is_local);

/** As user_find(), but a user of the open domain is made, who rests until something is done with it. */
struct user *user_meet(struct core *c, const char *aor, bool is_local);

/** Something of a user has ended: an open one that has nothing left is freed from the loop. */
void user_rest(struct user *u);

/** The password to sign in with; NULL: there is none. */
const char *user_password(const struct user *u);

/** The open users have another password. */
void user_renew_open(struct core *c);

/** aor in any case, may be NULL. NULL if unknown, also for an open user who has nothing. */
struct user *user_find(const struct core *c, const char *aor);

/** Walk: start with *cursor = NULL. The user that was returned last may be removed. */
struct user *user_next(const struct core *c, void **cursor);

/** Compares in constant time. False for a user without password. */
bool user_password_is(const struct user *u, const char *password);

/*
 * User
 *
 * Somebody with an address of record, a password and a policy.
 */
#pragma once

#include "mcxd/core/core.h"

struct user_policy {
	bool enable_mobility; /* may sign in a phone */
	bool enable_push;     /* its phones may be woken by push */
};

/** For user_add(); strings are copied. */
struct user_spec {
	const char *aor; /* "bob@lab.test", no scheme; letters are folded to lower case */
	const char *display_name;
	const char *password;
	struct user_policy policy;
};

struct user {
	struct core *core;
	char *aor;
	char *display_name;
	char *password;
	uint64_t credentials; /* another number for every password that it has had */
	struct user_policy policy;
	struct list bindings;    /* struct binding.of_user */
	struct list phones;      /* struct phone.of_user */
	struct budget endpoints; /* bindings and phones */
	struct budget conversations;
};

/** Returns 0, 1 when the address is taken, or -EINVAL when it is not an address. */
int user_add(struct core *c, const struct user_spec *spec, struct user **ret_user);

/** Change display name, password and policy of a user in place; without mobility its phones are signed
 *  out. */
void user_update(struct user *u, const struct user_spec *spec);

/** aor in any case; NULL when unknown. */
struct user *user_find(const struct core *c, const char *aor);

/** Remove a user with all endpoints; conversations end. */
void user_remove(struct user *u);

/** Walk: start with *cursor = NULL. */
struct user *user_next(const struct core *c, void **cursor);

/** Compare in constant time. */
bool user_password_is(const struct user *u, const char *password);

/*
 * Interests
 *
 * Who watches whom: each resource of each subscription, by who is watched. What a watcher has of them is limited.
 */
#pragma once

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"

#include <stdbool.h>
#include <stdint.h>

struct sip_subscription;

/** All of a front end's. */
struct interests {
	struct strtab watched;  /* struct watched, by its address; "" for the list of users */
	struct strtab watchers; /* struct watcher, by its address */
};

struct watched {
	char *aor;
	struct list interests; /* struct interest.of_watched */
};

struct watcher {
	char *aor;
	struct budget interests;
};

struct interest {
	struct list of_watched, of_subscription;
	struct watched *watched;
	struct watcher *watcher;
	struct sip_subscription *subscription;
	bool news; /* that its subscription has not told yet */
};

void interests_init(struct interests *all);
void interests_deinit(struct interests *all);

/** The watcher with this address, who may have max interests. It goes with watcher_rest() when it has none. */
struct watcher *watcher_meet(struct interests *all, const char *aor, int64_t max);
void watcher_rest(struct interests *all, struct watcher *w);

/** An interest with news. NULL: the watcher has too many. */
struct interest *interest_new(struct interests *all, struct watcher *by, const char *aor);
void interest_free(struct interests *all, struct interest *i);

/** Those in this address: struct interest.of_watched. NULL: there are none. */
const struct list *interests_in(const struct interests *all, const char *aor);

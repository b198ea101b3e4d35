/*
 * Lab API: a drill is run, what its files share
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/setting_change.h"
#include "mcxd/core/core.h"
#include "web/lab/drill/drill.h"
#include "web/lab/drill/play.h"
#include "web/lab/private.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conversation_summary;
struct push;

/* Those of every drill come on top. */
enum { RUN_CHANGES = DRILL_SETTINGS + 2 };

/** A live setting that was changed. */
struct run_setting {
	const char *name;
	char *before; /* NULL: it had not been changed */
	char *during;
};

struct run {
	struct play play;
	const struct drill *drill;
	char *alice, *bob; /* AoRs */
	uint64_t fault;    /* number of its rule; 0: none */
	struct run_setting settings[RUN_CHANGES];
	size_t n_settings;
	uint64_t conversation; /* 0: it has not begun */
	struct json_object *checks;
	bool has_failed;
};

static inline struct run *run_of(struct play *p)
{
	return LIST_ENTRY(p, struct run, play);
}

static inline struct core *run_core(const struct run *r)
{
	return r->play.lab->core;
}

/** The newest push to the drill's phone; NULL: none. */
const struct push *run_push(const struct run *r);
/** Of its conversation, once that has ended. */
const struct conversation_summary *run_summary(const struct run *r);

/* ---- change.c ---- */

/** Each returns false, with a sentence in play.why, if it cannot. */
bool run_add_user(struct run *r, const char *aor, const char *name, bool has_mobility);
bool run_change_settings(struct run *r, const struct setting_change *changes, size_t n);
bool run_set_fault(struct run *r);
/** Put back settings and faults, but nothing that others have changed meanwhile. */
void run_mend(struct run *r);
void run_settings_free(struct run *r);

/* ---- check.c ---- */

void run_check(struct run *r);

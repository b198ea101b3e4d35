/*
 * Lab API: what a drill changes, and puts back
 */
#include "web/lab/drill/run.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/random.h"
#include "mcxd/base/setting_change.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/core/life.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/drill/drill.h"
#include "web/lab/drill/play.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

/* One of a file has no row in the store, which a daemon that is killed would leave behind, and cannot be removed by the lab
 * API while the drill needs it. */
bool run_add_user(struct run *r, const char *aor, const char *name, bool has_mobility)
{
	char password[33];
	struct user *u;
	const struct user_spec spec = { .aor = aor,
					.display_name = name,
					.password = password,
					.policy = { .enable_mobility = has_mobility,
						    .enable_push = true },
					.origin = USER_OF_FILE };

	random_hex(16, password);
	if (!user_join(run_core(r), &spec, &u))
		return true;
	text_addf(&r->play.why, "There is a user %s already", aor);
	return false;
}

/* As this API has changed it; NULL: it has not. */
static const char *value_of(const struct lab *l, const char *name)
{
	const struct lab_info info = lab_get_info(l);

	return info.changed_settings ? setting_map_get(info.changed_settings, name) : NULL;
}

bool run_change_settings(struct run *r, const struct setting_change *changes, size_t n)
{
	struct lab *l = r->play.lab;
	struct run_setting *settings = r->settings + r->n_settings;

	for (size_t i = 0; i < n; i++)
		settings[i] =
			(struct run_setting){ .name = changes[i].name,
					      .before = mem_strdup(value_of(l, changes[i].name)) };
	r->n_settings += n;
	if (!l->change_settings || l->change_settings(l->magic, changes, n, &r->play.why))
		return false;
	for (size_t i = 0; i < n; i++)
		settings[i].during = mem_strdup(value_of(l, changes[i].name));
	return true;
}

void run_settings_free(struct run *r)
{
	for (size_t i = 0; i < r->n_settings; i++) {
		free(r->settings[i].before);
		free(r->settings[i].during);
	}
	r->n_settings = 0;
}

static void restore_settings(struct run *r)
{
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;
	struct setting_change changes[RUN_CHANGES];
	struct lab *l = r->play.lab;
	size_t n = 0;

	for (size_t i = 0; i < r->n_settings; i++) {
		const struct run_setting *s = &r->settings[i];
		const char *value = value_of(l, s->name);

		if (value && s->during && !strcmp(value, s->during))
			changes[n++] = (struct setting_change){ s->name, s->before };
	}
	if (n)
		l->change_settings(l->magic, changes, n, &errors);
	run_settings_free(r);
}

bool run_set_fault(struct run *r)
{
	struct fault_rule rule = r->drill->fault;

	rule.user = r->bob;
	r->fault = faults_add(r->play.lab->faults, &rule, &r->play.why);
	return r->fault;
}

static void restore_faults(struct run *r)
{
	if (r->fault)
		faults_remove(r->play.lab->faults, r->fault);
	r->fault = 0;
}

void run_mend(struct run *r)
{
	restore_faults(r);
	restore_settings(r);
	if (r->drill->foreign_house)
		r->play.lab->set_foreign_house(r->play.lab->magic, false);
}

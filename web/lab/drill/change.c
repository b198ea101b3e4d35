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

bool run_change_settings(struct run *r, const struct setting_change *changes, size_t n)
{
	struct lab *l = r->play.lab;
	const struct lab_info info = lab_get_info(l);

	for (size_t i = 0; i < n; i++) {
		const char *value = info.changed_settings ? setting_map_get(info.changed_settings,
									    changes[i].name)
							  : NULL;

		r->before[r->n_before++] =
			(struct run_setting){ changes[i].name, mem_strdup(value) };
	}
	return l->change_settings && !l->change_settings(l->magic, changes, n, &r->play.why);
}

static void restore_settings(struct run *r)
{
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;
	struct setting_change changes[RUN_CHANGES];
	struct lab *l = r->play.lab;

	for (size_t i = 0; i < r->n_before; i++)
		changes[i] = (struct setting_change){ r->before[i].name, r->before[i].value };
	if (r->n_before)
		l->change_settings(l->magic, changes, r->n_before, &errors);
	for (size_t i = 0; i < r->n_before; i++)
		free(r->before[i].value);
	r->n_before = 0;
}

/* Before all others, which go on striking for everybody else. */
bool run_set_fault(struct run *r)
{
	struct faults *faults = r->play.lab->faults;
	size_t n;
	const struct fault_rule *others = faults_rules(faults, &n);
	struct fault_rule *rules = mem_zalloc((n + 1) * sizeof(*rules));
	bool is_set;

	rules[0] = r->drill->fault;
	rules[0].user = r->bob;
	memcpy(rules + 1, others, n * sizeof(*rules));
	r->faults = lab_faults_json(r->play.lab);
	is_set = !faults_set(faults, rules, n + 1, faults_seed(faults), &r->play.why);
	free(rules);
	return is_set;
}

static void restore_faults(struct run *r)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (r->faults)
		lab_set_faults(r->play.lab, r->faults, false, &why);
	json_object_put(r->faults);
	r->faults = NULL;
}

void run_mend(struct run *r)
{
	restore_faults(r);
	restore_settings(r);
	if (r->drill->foreign_house)
		r->play.lab->set_foreign_house(r->play.lab->magic, false);
}

/*
 * User row
 */
#include "mcxd/core/user_row.h"

#include "mcxd/core/core.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"

void user_row_remove(struct user *u)
{
	if (u->row)
		core_remove(u->core, STORE_USER, u->row, NULL, NULL);
	u->row = 0;
}

void user_row_save(struct user *u)
{
	const struct user *object = u;

	if (u->origin != USER_ADDED) {
		user_row_remove(u);
		return;
	}
	if (!u->row)
		u->row = ++u->core->last_user;
	core_save(u->core,
		  &(struct store_row){ .kind = STORE_USER,
				       .id = u->row,
				       .user = { STORE_USER_COLUMNS(STORE_SAVE, STORE_SKIP) } },
		  NULL, NULL);
}

bool user_row_restore(struct core *c, const struct store_row *row)
{
	const struct user_row *r = &row->user;
	const char *name = r->display_name;
	const struct user_spec spec = {
		.aor = r->aor,
		.display_name = name && user_text_flaw(USER_DISPLAY_NAME, name) ? NULL : name,
		.password = r->password,
		.number = r->number,
		.outside_number = r->outside_number,
		.policy = { .enable_mobility = r->enable_mobility,
			    .enable_push = r->enable_push,
			    .no_outside_voice = r->no_outside_voice },
		.origin = USER_ADDED
	};
	struct user *u;

	if (row->id > c->last_user)
		c->last_user = row->id;
	if (!r->aor || user_add(c, &spec, &u) != 0)
		return false;
	u->row = row->id;
	return true;
}

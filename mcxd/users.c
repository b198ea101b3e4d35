/*
 * Users file
 */
#include "mcxd/users.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/inifile.h"
#include "mcxd/base/log.h"
#include "mcxd/base/setting.h"
#include "mcxd/base/setting_value.h"
#include "mcxd/core/life.h"
#include "mcxd/core/user.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

/* A section of the file, or a user whom an earlier reading added. */
struct entry {
	char *aor;
	int line; /* of the section */
	char *display_name;
	char *password;
	char *number, *outside_number;
	struct user_policy policy;
	bool seen; /* by the latest reading */
};

struct users {
	struct core *core;
	char *path;
	struct strtab *loaded;  /* entries by AoR: what is in core */
	struct strtab *reading; /* entries by AoR: what the present reading has found */
	struct entry *user;     /* whose section is being read */
};

static const char *const demo[][2] = {
	{ "alice@lab.test", "Alice" }, { "bob@lab.test", "Bob" },   { "carol@lab.test", "Carol" },
	{ "dave@lab.test", "Dave" },   { "erin@lab.test", "Erin" },
};

static struct entry *entry_get(struct strtab *t, const char *aor)
{
	struct entry *e = strtab_get(t, aor);

	if (e)
		return e;
	e = MEM_NEW(struct entry);
	e->aor = mem_strdup(aor);
	e->policy = (struct user_policy){ .enable_mobility = true, .enable_push = true };
	strtab_add(t, aor, e);
	return e;
}

static void entry_free(struct strtab *t, struct entry *e)
{
	strtab_remove(t, e->aor);
	free(e->aor);
	free(e->display_name);
	free(e->password);
	free(e->number);
	free(e->outside_number);
	free(e);
}

static void forget(struct strtab *t)
{
	void *cursor = NULL;
	struct entry *e;

	while ((e = strtab_next(t, &cursor)))
		entry_free(t, e);
}

struct users *users_new(struct core *c, const char *path)
{
	struct users *u = MEM_NEW(struct users);

	u->core = c;
	u->path = path && *path ? mem_strdup(path) : NULL;
	u->loaded = strtab_new();
	u->reading = strtab_new();
	return u;
}

struct users *users_free(struct users *u)
{
	if (!u)
		return NULL;
	forget(u->loaded);
	forget(u->reading);
	strtab_free(u->loaded);
	strtab_free(u->reading);
	free(u->path);
	free(u);
	return NULL;
}

/* ---- reading ---- */

static int set_bool(bool *slot, const char *value, struct text *why)
{
	static const struct setting row = { .type = SETTING_BOOL };

	return setting_value_set(&row, slot, value, why);
}

/* The slot says the contrary. */
static int set_off(bool *slot, const char *value, struct text *why)
{
	bool on = true;
	int err = set_bool(&on, value, why);

	if (!err)
		*slot = !on;
	return err;
}

static int begin_user(struct users *u, const struct inifile_line *l, struct text *why)
{
	char aor[URI_MAX_AOR + 1];

	if (strcmp(l->section, "user") != 0)
		text_addf(why, "[%s]: expected a section [user ADDRESS]", l->section);
	else if (user_text_flaw(USER_AOR, l->name) || uri_aor(l->name, aor, NULL) < 0)
		text_addf(why, "\"%s\" is not an address such as bob@lab.test", l->name);
	else if (strtab_get(u->reading, aor))
		text_addf(why, "%s has a section already", aor);
	if (why->n)
		return -EINVAL;
	u->user = entry_get(u->reading, aor);
	u->user->line = l->line;
	return 0;
}

static int set_text(char **slot, enum user_text what, const struct inifile_line *l,
		    struct text *why)
{
	const char *flaw = user_text_flaw(what, l->value);

	if (flaw) {
		text_add_all(why, l->key, ": ", flaw);
		return -EINVAL;
	}
	mem_set_string(slot, l->value);
	return 0;
}

static int on_key(void *magic, const struct inifile_line *l, struct text *why)
{
	struct users *u = magic;
	struct entry *e = u->user;

	if (!l->key)
		return begin_user(u, l, why);
	if (!*l->section)
		text_addf(why, "%s: a key must be in a section [user ADDRESS]", l->key);
	else if (!strcmp(l->key, "display_name"))
		return set_text(&e->display_name, USER_DISPLAY_NAME, l, why);
	else if (!strcmp(l->key, "password"))
		return set_text(&e->password, USER_PASSWORD, l, why);
	else if (!strcmp(l->key, "number"))
		return set_text(&e->number, USER_NUMBER, l, why);
	else if (!strcmp(l->key, "outside_voice_number"))
		return set_text(&e->outside_number, USER_NUMBER, l, why);
	else if (!strcmp(l->key, "enable_outside_voice"))
		return set_off(&e->policy.no_outside_voice, l->value, why);
	else if (!strcmp(l->key, "enable_mobility"))
		return set_bool(&e->policy.enable_mobility, l->value, why);
	else if (!strcmp(l->key, "enable_push"))
		return set_bool(&e->policy.enable_push, l->value, why);
	else
		text_addf(why,
			  "%s: unknown key; keys are display_name, enable_mobility, "
			  "enable_outside_voice, enable_push, number, outside_voice_number and "
			  "password",
			  l->key);
	return why->n ? -EINVAL : 0;
}

static void read_demo(struct users *u)
{
	for (size_t i = 0; i < ARRAY_SIZE(demo); i++) {
		struct entry *e = entry_get(u->reading, demo[i][0]);

		e->display_name = mem_strdup(demo[i][1]);
		e->password = mem_strdup("secret");
	}
}

/* ---- applying ---- */

static void apply(struct users *u, const struct entry *e)
{
	const struct user_spec spec = { .aor = e->aor,
					.display_name = e->display_name,
					.password = e->password,
					.number = e->number,
					.outside_number = e->outside_number,
					.policy = e->policy,
					.origin = USER_OF_FILE };
	struct user *known = user_find(u->core, e->aor);

	if (known)
		user_update(known, &spec);
	else
		user_join(u->core, &spec, NULL);
	entry_get(u->loaded, e->aor)->seen = true;
}

static void remove_unseen(struct users *u)
{
	void *cursor = NULL;
	struct entry *e;

	while ((e = strtab_next(u->loaded, &cursor))) {
		struct user *gone = e->seen ? NULL : user_find(u->core, e->aor);

		if (gone)
			user_remove(gone);
		if (!e->seen)
			entry_free(u->loaded, e);
	}
}

static void apply_all(struct users *u)
{
	void *cursor = NULL;
	struct entry *e;

	while ((e = strtab_next(u->loaded, &cursor)))
		e->seen = false;
	cursor = NULL;
	while ((e = strtab_next(u->reading, &cursor))) {
		if (!e->password || !*e->password)
			log_warn("users", NULL,
				 "%s:%d: %s has no password and cannot sign in over HTTPS", u->path,
				 e->line, e->aor);
		apply(u, e);
	}
	remove_unseen(u);
}

int users_load(struct users *u, struct text *errors)
{
	int err = u->path ? inifile_load(u->path, on_key, u, errors) : 0;

	if (!u->path)
		read_demo(u);
	if (!err) {
		log_info("users", NULL, "%zu users from %s", strtab_count(u->reading),
			 u->path ? u->path : "the demo's list");
		apply_all(u);
	}
	forget(u->reading);
	return err;
}

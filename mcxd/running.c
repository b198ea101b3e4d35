/*
 * Running settings
 */
#include "mcxd/running.h"

#include "mcxd/base/log.h"
#include "mcxd/base/setting.h"
#include "mcxd/base/setting_change.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/settings.h"
#include "proto/text/text.h"

#include <errno.h>

static void copy(struct settings *to, const struct settings *from)
{
	setting_copy(&settings_table, to, from);
}

static void drop(struct settings *s)
{
	setting_deinit(&settings_table, s);
}

void running_init(struct running *r, const struct settings *loaded, const struct running_ops *ops)
{
	r->ops = *ops;
	copy(&r->base, loaded);
	copy(&r->now, loaded);
}

void running_deinit(struct running *r)
{
	drop(&r->base);
	drop(&r->now);
	setting_map_deinit(&r->changed);
}

static void set_live(struct settings *s, const char *name, const char *value, struct text *errors)
{
	if (setting_set_live(&settings_table, s, name, value, errors) < 0)
		text_add(errors, "\n");
}

/* Lay changes over a copy of the settings; -EINVAL if they do not go together. */
static int put_together(struct settings *copy, const struct setting_map *changed,
			struct text *errors)
{
	for (size_t i = 0; i < changed->n; i++)
		set_live(copy, changed->pairs[i]->name, changed->pairs[i]->value, errors);
	if (!errors->n)
		settings_check_live(copy, errors);
	return errors->n ? -EINVAL : 0;
}

static void note(void *magic, const char *name, const char *value)
{
	const struct running_ops *ops = magic;

	log_info("mcxd", NULL, "%s is %s", name, value);
	if (ops->on_changed)
		ops->on_changed(ops->magic, name, value);
}

static void use(struct running *r, const struct settings *wanted)
{
	setting_adopt(&settings_table, &r->now, wanted, note, &r->ops);
	if (r->ops.apply)
		r->ops.apply(r->ops.magic);
}

/* ---- the lab API ---- */

static void copy_changes(struct setting_map *to, const struct setting_map *from)
{
	for (size_t i = 0; i < from->n; i++)
		setting_map_set(to, from->pairs[i]->name, from->pairs[i]->value);
}

static void add_change(struct setting_map *to, const struct setting_change *c)
{
	if (c->value)
		setting_map_set(to, c->name, c->value);
	else
		setting_map_remove(to, c->name);
}

int running_change(struct running *r, const struct setting_change *changes, size_t n,
		   struct text *errors)
{
	struct setting_map changed = { 0 };
	struct settings wanted = { 0 };
	int err = 0;

	copy(&wanted, &r->base);
	copy_changes(&changed, &r->changed);
	for (size_t i = 0; i < n; i++) {
		set_live(&wanted, changes[i].name, changes[i].value, errors);
		add_change(&changed, &changes[i]);
	}
	drop(&wanted);
	copy(&wanted, &r->base);
	err = errors->n ? -EINVAL : put_together(&wanted, &changed, errors);
	if (!err) {
		use(r, &wanted);
		setting_map_deinit(&r->changed);
		r->changed = changed;
	} else {
		setting_map_deinit(&changed);
	}
	drop(&wanted);
	return err;
}

void running_reset(struct running *r)
{
	if (!r->changed.n)
		return;
	setting_map_deinit(&r->changed);
	use(r, &r->base);
}

/* ---- reading again ---- */

static void tell_later(void *magic, const char *name, const char *value)
{
	(void)magic;
	log_warn("mcxd", NULL, "%s changes with the next start only%s%s", name,
		 value && *value ? ", to " : "", value ? value : "");
}

int running_reload(struct running *r, struct text *errors)
{
	struct settings loaded = { 0 }, wanted = { 0 };
	int err = r->ops.load ? r->ops.load(r->ops.origin, &loaded, errors) : -ENOENT;

	if (err) {
		drop(&loaded);
		return r->ops.load ? err : 0;
	}
	copy(&wanted, &loaded);
	err = put_together(&wanted, &r->changed, errors);
	if (err) {
		drop(&loaded);
	} else {
		drop(&r->base);
		r->base = loaded;
		use(r, &wanted);
		setting_compare(&settings_table, &wanted, &r->now, tell_later, NULL);
	}
	drop(&wanted);
	return err;
}

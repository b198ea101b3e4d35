/*
 * Lab API: settings
 *
 * A secret is never a setting but in a file that a setting names, so all of them can be told.
 */
#include "mcxd/base/setting.h"
#include "mcxd/base/setting_change.h"
#include "mcxd/base/setting_map.h"

#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

bool lab_has_settings(const struct lab_info *info, struct http_request *r)
{
	if (info->settings)
		return true;
	lab_error(r, 404, "This daemon does not tell its settings.");
	return false;
}

/* What is told of which settings. */
struct telling {
	const struct setting_map *changed; /* NULL: none */
	struct json_object *only;          /* those that it has as members; NULL: all */
	struct json_object *rows;
};

static void add_setting(void *magic, const struct setting_entry *e)
{
	const struct telling *t = magic;
	CLEANUP(mem_free_string) char *name = text_concat(e->row->section, ".", e->key);
	struct json_object *o;

	if (t->only && !json_object_object_get_ex(t->only, name, NULL))
		return;
	o = json_object_new_object();
	json_out_string(o, "name", name);
	json_out_string(o, "value", e->value);
	json_out_string(o, "default", e->row->def ? e->row->def : "");
	json_out_bool(o, "live", e->row->live);
	json_out_bool(o, "changed", t->changed && setting_map_get(t->changed, name));
	json_out_string(o, "help", e->row->help);
	json_object_array_add(t->rows, o);
}

static void tell_settings(const struct lab *l, struct http_request *r, struct json_object *only)
{
	const struct lab_info info = lab_get_info(l);
	struct telling t = { info.changed_settings, only, NULL };

	if (!lab_has_settings(&info, r))
		return;
	t.rows = json_object_new_array();
	setting_each(info.settings_table, info.settings, add_setting, &t);
	lab_answer_list(r, "settings", t.rows);
}

void lab_get_settings(void *magic, struct http_request *r)
{
	tell_settings(magic, r, NULL);
}

/* ---- changing ---- */

bool lab_take_settings(struct json_object *o, struct setting_change *ret, struct text *why)
{
	struct setting_change *c = ret;

	json_object_object_foreach (o, name, value) {
		bool is_string = json_object_is_type(value, json_type_string);

		*c = (struct setting_change){ .name = name };
		if (is_string)
			c->value = json_object_get_string(value);
		else if (json_object_is_type(value, json_type_int) ||
			 json_object_is_type(value, json_type_boolean))
			c->value = json_object_to_json_string(value);
		else if (value)
			text_addf(why,
				  "%s: expected a string, a whole number, true, false or null\n",
				  name);
		if (is_string && strlen(c->value) != (size_t)json_object_get_string_len(value))
			text_addf(why, "%s: must not have a NUL character\n", name);
		c++;
	}
	return !why->n;
}

void lab_add_setting_errors(struct text *out, const struct text *errors)
{
	const char *line = text_str(errors), *separator = "";

	while (*line) {
		size_t n = strcspn(line, "\n");

		text_add(out, separator);
		text_add_bytes(out, line, n);
		line += n + (line[n] == '\n');
		separator = "; ";
	}
}

static void refuse(struct http_request *r, const struct text *errors)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;

	lab_add_setting_errors(&message, errors);
	lab_error(r, 400, "%s", text_str(&message));
}

void lab_patch_settings(void *magic, struct http_request *r)
{
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;
	struct lab *l = magic;
	const struct lab_info info = lab_get_info(l);
	struct json_object *body = lab_has_settings(&info, r) ? lab_body_object(r) : NULL;
	struct setting_change *changes;
	size_t n;

	if (!body)
		return;
	n = (size_t)json_object_object_length(body);
	changes = mem_zalloc(n * sizeof(*changes));
	if (!lab_take_settings(body, changes, &errors) ||
	    l->change_settings(l->magic, changes, n, &errors) < 0)
		refuse(r, &errors);
	else
		tell_settings(l, r, body);
	free(changes);
	json_object_put(body);
}

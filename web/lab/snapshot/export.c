/*
 * Lab API: export
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/setting_map.h"
#include "proto/text/json_out.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"
#include "web/lab/snapshot/private.h"
#include "web/lab/snapshot/snapshot.h"

static struct json_object *clock_json(const struct lab *l)
{
	struct json_object *o = json_object_new_object();

	json_out_int(o, "advancedMs", loop_advanced_ms(l->loop));
	json_out_bool(o, "frozen", loop_is_frozen(l->loop));
	return o;
}

static struct json_object *settings_json(const struct lab *l)
{
	struct json_object *o = json_object_new_object();
	const struct setting_map *changed = lab_get_info(l).changed_settings;

	for (size_t i = 0; changed && i < changed->n; i++)
		json_out_string(o, changed->pairs[i]->name, changed->pairs[i]->value);
	return o;
}

struct json_object *lab_export(struct lab *l, bool is_local, bool with_journal)
{
	struct json_object *o = json_object_new_object(), *rows;
	int64_t moment_us = snapshot_moment_us(l->core);

	json_out_string(o, "format", SNAPSHOT_FORMAT);
	json_out_int(o, "version", SNAPSHOT_VERSION);
	json_object_object_add(o, "clock", clock_json(l));
	json_object_object_add(o, "settings", settings_json(l));
	json_object_object_add(o, "faults", lab_faults_json(l));
	json_object_object_add(o, "users", snapshot_users_json(l->core, is_local));
	rows = snapshot_rows_json(l->core, moment_us, is_local);
	snapshot_actors_drop_contacts(l, rows);
	json_object_object_add(o, "rows", rows);
	if (l->channels.write)
		json_object_object_add(o, "channels",
				       l->channels.write(l->channels.magic, moment_us));
	json_object_object_add(o, "actors", snapshot_actors_json(l));
	if (with_journal)
		json_object_object_add(o, "journal", snapshot_journal_json(l, moment_us, is_local));
	return o;
}

void lab_get_snapshot(void *magic, struct http_request *r)
{
	struct lab *l = magic;
	int64_t with_journal = 1;

	if (lab_core(l, r) && lab_query_int(r, "journal", 0, 1, &with_journal))
		http_answer_json(r, 200, NULL, lab_export(l, lab_is_local(r), with_journal));
}

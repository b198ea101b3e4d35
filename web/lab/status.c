/*
 * Lab API: status, metrics, state machines
 */
#include "mcxd/base/fsm.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

#include <unistd.h>

static const struct {
	const char *file;
	const struct fsm_table *table;
} machines[] = {
	{ "conversation.dot", &conversation_fsm },
	{ "phone.dot", &delivery_fsm },
};

static struct json_object *counts_of(const struct core *c)
{
	struct json_object *o = json_object_new_object();

	json_out_int(o, "users", (int64_t)strtab_count(&c->users));
	json_out_int(o, "contacts", (int64_t)idtab_count(&c->bindings));
	json_out_int(o, "phones", (int64_t)idtab_count(&c->phones));
	json_out_int(o, "conversations", (int64_t)idtab_count(&c->conversations));
	json_out_int(o, "pushesWaiting", c->n_waiting_pushes);
	return o;
}

static struct json_object *journal_of(const struct journal *j)
{
	struct json_object *o = json_object_new_object();

	json_out_bool(o, "on", journal_is_on(j));
	json_out_int(o, "first", (int64_t)journal_first(j));
	json_out_int(o, "last", (int64_t)journal_last(j));
	return o;
}

static struct json_object *upstream_of(const struct lab_info *info)
{
	struct json_object *o = json_object_new_object();

	json_out_string(o, "registrar", info->upstream);
	json_out_int(o, "registered", info->n_upstream_registered);
	json_out_int(o, "phones", info->n_upstream_phones);
	if (info->upstream_trouble)
		json_out_string(o, "trouble", info->upstream_trouble);
	return o;
}

void lab_get_status(void *magic, struct http_request *r)
{
	struct lab *l = magic;
	struct lab_info info = lab_get_info(l);
	struct json_object *o = json_object_new_object();
	struct json_object *roles = json_object_new_array();
	struct json_object *listeners = json_object_new_object();

	for (size_t i = 0; i < info.n_roles; i++)
		json_object_array_add(roles, json_out_new_string(info.roles[i]));
	for (size_t i = 0; i < info.n_listeners; i++)
		json_out_string(listeners, info.listeners[i].name, info.listeners[i].address);
	json_out_string(o, "instance", l->instance);
	json_out_string(o, "version", info.version);
	json_out_int(o, "pid", getpid());
	json_out_int(o, "uptimeMs", loop_real_ms(l->loop) - l->began_real_ms);
	json_out_bool(o, "trustsNetwork", info.trusts_network);
	if (info.key_log)
		json_out_string(o, "tlsKeyLog", info.key_log);
	if (info.upstream)
		json_object_object_add(o, "upstream", upstream_of(&info));
	json_object_object_add(o, "roles", roles);
	json_object_object_add(o, "listeners", listeners);
	if (l->core)
		json_object_object_add(o, "counts", counts_of(l->core));
	json_object_object_add(o, "clock", lab_clock(l));
	json_object_object_add(o, "journal", journal_of(l->journal));
	http_answer_json(r, 200, NULL, o);
}

void lab_get_metrics(void *magic, struct http_request *r)
{
	struct lab *l = magic;
	struct json_object *rows = json_object_new_array();

	for (const struct metric *m = metrics_first(l->metrics); m; m = m->next) {
		struct json_object *row = json_object_new_object();

		json_out_string(row, "name", m->name);
		json_out_int(row, "value", m->value);
		json_out_string(row, "kind", lab_metric_kind(m));
		json_out_string(row, "help", m->help);
		json_object_array_add(rows, row);
	}
	lab_answer_list(r, "metrics", rows);
}

void lab_get_fsm(void *magic, struct http_request *r)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	const char *file = http_param(r, "file");

	(void)magic;
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		if (strcmp(machines[i].file, file) != 0)
			continue;
		fsm_to_dot(machines[i].table, &out);
		http_answer(r, 200, "text/vnd.graphviz; charset=utf-8", text_str(&out), out.n);
		return;
	}
	lab_error(r, 404, "Unknown state machine; there are conversation.dot and phone.dot.");
}

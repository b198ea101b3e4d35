/*
 * Lab API: limits
 */
#include "mcxd/base/journal.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/setting.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/words.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

/* What counts for a limit: the gauge of what there is, and the counter of what it has refused. What is limited for each
 * user or connection has no gauge. What is counted at several listeners is the sum. */
/* clang-format off */
static const struct limit_row {
	const char *setting, *use, *refused;
} limit_rows[] = {
	{ "sip.max_connections", "sip_front_end_connections", "sip_front_end_connections_refused_total" },
	{ "sip.max_connections_per_peer", NULL, "sip_front_end_connections_crowded_total" },
	{ "sip.max_transactions", NULL, "sip_front_end_requests_overloaded_total" },
	{ "sip.max_message", NULL, "sip_front_end_requests_too_large_total" },
	{ "sip.max_held_messages", NULL, "front_end_requests_refused_total" },
	{ "sip.max_subscriptions", "front_end_subscriptions", "front_end_requests_refused_total" },
	{ "sip.max_unread", NULL, "sip_front_end_connections_unread_total" },
	{ "edge.max_connections", "sip_edge_connections", "sip_edge_connections_refused_total" },
	{ "edge.max_connections_per_peer", NULL, "sip_edge_connections_crowded_total" },
	{ "edge.max_transactions", NULL, "sip_edge_requests_overloaded_total" },
	{ "edge.max_message", NULL, "sip_edge_requests_too_large_total" },
	{ "edge.max_unread", NULL, "sip_edge_connections_unread_total" },
	{ "clearing_house.max_connections", "sip_clearing_house_connections", "sip_clearing_house_connections_refused_total" },
	{ "clearing_house.max_connections_per_peer", NULL, "sip_clearing_house_connections_crowded_total" },
	{ "clearing_house.max_transactions", NULL, "sip_clearing_house_requests_overloaded_total" },
	{ "clearing_house.max_message", NULL, "sip_clearing_house_requests_too_large_total" },
	{ "clearing_house.max_unread", NULL, "sip_clearing_house_connections_unread_total" },
	{ "clearing_house.max_body", NULL, "clearing_house_bad_total" },
	{ "clearing_house.max_pending", "clearing_house_pending", "clearing_house_limited_total" },
	{ "clearing_house.max_pending_per_host", NULL, "clearing_house_host_full_total" },
	{ "clearing_house.max_pending_per_channel", NULL, "clearing_house_channel_full_total" },
	{ "clearing_house.max_attempts", NULL, "clearing_house_given_up_total" },
	{ "https.max_connections", "http_https_connections", "http_https_refused_connections_total" },
	{ "https.max_body", NULL, "http_https_oversized_bodies_total" },
	{ "https.max_rate", NULL, "http_https_rate_limited_total" },
	{ "https.max_tokens", "auth_tokens", "auth_tokens_refused_total" },
	{ "https.max_guesses", NULL, "guess_refused_total" },
	{ "https.max_guess_pairs", "guess_pairs", NULL },
	{ "https.max_batch", NULL, "ucwa_batches_limited_total" },
	{ "https.max_batch_answer", NULL, "ucwa_batches_limited_total" },
	{ "https.max_held", "ucwa_polls", "ucwa_polls_refused_total" },
	{ "https.max_held_per_user", NULL, "ucwa_polls_refused_total" },
	{ "http.max_connections", "http_http_connections", "http_http_refused_connections_total" },
	{ "http.max_body", NULL, "http_http_oversized_bodies_total" },
	{ "http.max_rate", NULL, "http_http_rate_limited_total" },
	{ "core.max_endpoints", NULL, "core_limits_total" },
	{ "core.max_phones", NULL, "core_sign_ins_refused_total" },
	{ "core.max_conversations", NULL, "core_limits_total" },
	{ "core.max_events", NULL, "core_limits_total" },
	{ "core.max_message", NULL, "ucwa_bad_requests_total" },
	{ "core.max_watches", NULL, "core_limits_total" },
	{ "core.max_watched", NULL, "core_limits_total" },
	{ "push.max_waiting", NULL, "core_pushes_dropped_total" },
	{ "push_service.max_connections", "http_push_service_connections apns_connections",
	  "http_push_service_refused_connections_total apns_refused_connections_total" },
	{ "push_service.apns_max_streams", NULL, "apns_refused_streams_total" },
	{ "push_service.apns_max_headers", NULL, "apns_large_headers_total" },
	{ "push_service.apns_max_resets", NULL, "apns_floods_total" },
	{ "push_service.apns_max_reset_rate", NULL, "apns_floods_total" },
	{ "push_service.apns_max_idle_frames", NULL, "apns_floods_total" },
	{ "push_service.apns_max_settings", NULL, "apns_floods_total" },
	{ "push_service.apns_max_unsent_acks", NULL, "apns_floods_total" },
	{ "push_service.apns_max_continuations", NULL, "apns_floods_total" },
	{ "push_service.apns_max_dropped", NULL, "apns_large_bodies_total" },
	{ "push_service.apns_max_stored", NULL, "push_service_notices_replaced_total" },
	{ "push_service.max_body", NULL, "http_push_service_oversized_bodies_total" },
	{ "push_service.max_channels", "push_service_channels", "push_service_channels_refused_total" },
	{ "push_service.max_queue", NULL, "push_service_notices_dropped_total" },
	{ "push_service.max_per_day", NULL, "push_service_notices_dropped_total" },
	{ "lab.max_connections", "http_lab_connections http_lab_tcp_connections",
	  "http_lab_refused_connections_total http_lab_tcp_refused_connections_total" },
	{ "lab.max_body", NULL, "http_lab_tcp_oversized_bodies_total" },
	{ "lab.max_import", NULL, "http_lab_oversized_bodies_total" },
	{ "lab.max_waiting", NULL, "lab_limits_refused_total" },
	{ "lab.max_followers", NULL, "lab_limits_refused_total" },
	{ "lab.max_export", NULL, "lab_limits_refused_total" },
	{ "lab.max_export_size", NULL, "lab_limits_refused_total" },
	{ "lab.max_faults", NULL, "lab_limits_refused_total" },
	{ "lab.max_users", "core_added_users", "lab_limits_refused_total" },
	{ "act.max_actors", "act_hosted", "act_refused_total" },
};
/* clang-format on */

struct listing {
	struct lab *l;
	const struct lab_info *info;
	struct json_object *rows;
};

static const struct limit_row *row_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(limit_rows); i++)
		if (!strcmp(limit_rows[i].setting, name))
			return &limit_rows[i];
	return NULL;
}

/* Of what has no gauge of its own; false: it has one, or nobody counts. */
static bool use_of(const struct lab *l, const char *name, int64_t *ret)
{
	if (!strcmp(name, "lab.max_waiting"))
		*ret = l->n_waiting;
	else if (!strcmp(name, "lab.max_followers"))
		*ret = l->n_followers;
	else if (!strcmp(name, "journal.max_records"))
		*ret = journal_last(l->journal)
			       ? (int64_t)(journal_last(l->journal) - journal_first(l->journal) + 1)
			       : 0;
	else
		return false;
	return true;
}

/* A metric that no role of this process has is null, too. names: of all that add up to it. */
static void add_metric(const struct lab *l, struct json_object *o, const char *member,
		       const char *names)
{
	CLEANUP(words_free) char **words = words_split(names ? names : "");
	bool is_there = false;
	int64_t sum = 0;

	for (char **name = words; *name; name++) {
		const struct metric *m = metrics_find(l->metrics, *name);

		is_there |= m != NULL;
		sum += m ? m->value : 0;
	}
	json_object_object_add(o, member, is_there ? json_object_new_int64(sum) : NULL);
}

static void add_limit(const struct listing *list, const char *name, int64_t number,
		      const char *help)
{
	const struct limit_row *row = row_of(name);
	struct json_object *o = json_object_new_object();
	int64_t use;

	json_out_string(o, "name", name);
	json_out_int(o, "value", number);
	if (use_of(list->l, name, &use))
		json_out_int(o, "use", use);
	else
		add_metric(list->l, o, "use", row ? row->use : NULL);
	add_metric(list->l, o, "refused", row ? row->refused : NULL);
	json_out_string(o, "counter", row ? row->refused : NULL);
	json_out_string(o, "help", help);
	json_object_array_add(list->rows, o);
}

/* What stands in a section for the shared row, if it is set. */
struct own {
	const char *section, *key;
	int64_t number;
};

static void find_own(void *magic, const struct setting_entry *e)
{
	struct own *own = magic;

	if (e->is_override && !strcmp(e->row->section, own->section) &&
	    !strcmp(e->row->key, own->key))
		own->number = e->number;
}

/* A shared limit holds for each of its sections. */
static void add_shared(const struct listing *list, const struct setting_entry *e)
{
	for (const struct setting_override *o = e->row->overrides; o->section; o++) {
		CLEANUP(mem_free_string) char *name = text_concat(o->section, ".", e->row->key);
		struct own own = { o->section, e->row->key, e->number };

		setting_each(list->info->settings_table, list->info->settings, find_own, &own);
		add_limit(list, name, own.number, e->row->help);
	}
}

/* "max_body", "apns_max_headers": by how settings are called. */
static bool is_limit(const char *key)
{
	const char *at = strstr(key, "max_");

	return at && (at == key || at[-1] == '_');
}

static void on_setting(void *magic, const struct setting_entry *e)
{
	const struct listing *list = magic;
	CLEANUP(mem_free_string) char *name = NULL;

	if (!setting_is_number(e->row) || !is_limit(e->row->key) || e->row->type == SETTING_MS ||
	    e->row->type == SETTING_SECONDS || e->is_override)
		return;
	if (e->row->overrides) {
		add_shared(list, e);
		return;
	}
	name = text_concat(e->row->section, ".", e->key);
	add_limit(list, name, e->number, e->row->help);
}

void lab_get_limits(void *magic, struct http_request *r)
{
	struct lab_info info = lab_get_info(magic);
	struct listing list = { .l = magic, .info = &info };

	if (!lab_has_settings(&info, r))
		return;
	list.rows = json_object_new_array();
	setting_each(info.settings_table, info.settings, on_setting, &list);
	lab_answer_list(r, "limits", list.rows);
}

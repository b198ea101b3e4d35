/*
 * Report of a fleet
 */
#include "mcxd/tools/mcxsim/fleet_report.h"

#include "mcxd/sim/fleet/fleet.h"
#include "mcxd/sim/fleet/tally.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <json-c/json.h>

#define US_PER_S  1e6
#define US_PER_MS 1e3

static const struct {
	const char *name;
	double part;
} percentiles[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "max", 1 } };

bool fleet_result_is_good(const struct fleet_result *r)
{
	return sim_tally_good(r->tally) == r->config->n_flows && r->tally->n_errors == 0;
}

static double rate(const struct fleet_result *r)
{
	return r->took_us ? (double)r->tally->n_started * US_PER_S / (double)r->took_us : 0;
}

static double cpu_us_per_flow(const struct fleet_result *r)
{
	return r->tally->n_started ? (double)r->cpu_us / (double)r->tally->n_started : 0;
}

static const char *name_kind(enum sim_fleet_kind kind)
{
	return kind < SIM_FLEET_N_KINDS ? sim_fleet_kind_names[kind] : "phones";
}

/* ---- for people ---- */

static void add_steps(const struct fleet_result *r, struct text *out)
{
	text_addf(out, "\n%-8s %8s", "step", "n");
	for (size_t p = 0; p < ARRAY_SIZE(percentiles); p++)
		text_addf(out, " %11s", percentiles[p].name);
	text_add(out, "\n");
	for (enum sim_fleet_step s = 0; s < SIM_FLEET_N_STEPS; s++) {
		if (r->tally->times[s].n == 0)
			continue;
		text_addf(out, "%-8s %8zu", sim_fleet_step_names[s], r->tally->times[s].n);
		for (size_t p = 0; p < ARRAY_SIZE(percentiles); p++)
			text_addf(out, " %8.1f ms",
				  (double)sim_tally_percentile(r->tally, s, percentiles[p].part) /
					  US_PER_MS);
		text_add(out, "\n");
	}
}

static void add_kinds(const struct fleet_result *r, struct text *out)
{
	text_addf(out, "\n%-8s %8s %8s %8s\n", "kind", "to get", "good", "lost");
	for (size_t k = 0; k < SIM_FLEET_N_KINDS; k++)
		if (r->tally->n_good[k] + r->tally->n_lost[k] > 0)
			text_addf(out, "%-8s %8d %8lld %8lld\n", sim_fleet_kind_names[k],
				  sim_fleet_kind_statuses[k], (long long)r->tally->n_good[k],
				  (long long)r->tally->n_lost[k]);
}

static void add_errors(const struct fleet_result *r, struct text *out)
{
	if (r->tally->n_texts)
		text_add(out, "\nerrors\n");
	for (size_t i = 0; i < r->tally->n_texts; i++) {
		const struct sim_fleet_error *e = &r->tally->errors[i];

		text_addf(out, "%8lld  %s: %s\n", (long long)e->n, name_kind(e->kind), e->text);
	}
}

void fleet_report_text(const struct fleet_result *r, struct text *out)
{
	const struct sim_tally *t = r->tally;

	if (!r->config->n_flows) {
		text_addf(out, "%lld phones\n", (long long)t->n_signed_in);
		add_errors(r, out);
		return;
	}
	text_addf(out, "%lld phones, %lld of %lld flows, %lld lost; %.1f/s (asked for %lld/s)\n",
		  (long long)t->n_signed_in, (long long)t->n_started, (long long)r->config->n_flows,
		  (long long)sim_tally_lost(t), rate(r), (long long)r->config->rate);
	if (t->n_late)
		text_addf(out,
			  "%lld began more than 100 ms late: too few phones, or the machine too "
			  "slow\n",
			  (long long)t->n_late);
	text_addf(out, "%.0f us of CPU a flow in this process\n", cpu_us_per_flow(r));
	add_steps(r, out);
	add_kinds(r, out);
	add_errors(r, out);
}

/* ---- JSON ---- */

static void add_number(struct json_object *o, const char *name, double value)
{
	json_object_object_add(o, name, json_object_new_double(value));
}

static struct json_object *steps_json(const struct fleet_result *r)
{
	struct json_object *steps = json_object_new_object();

	for (enum sim_fleet_step s = 0; s < SIM_FLEET_N_STEPS; s++) {
		struct json_object *o;

		if (r->tally->times[s].n == 0)
			continue;
		o = json_object_new_object();
		json_out_string(o, "what", sim_fleet_step_helps[s]);
		json_out_int(o, "n", (int64_t)r->tally->times[s].n);
		for (size_t p = 0; p < ARRAY_SIZE(percentiles); p++) {
			int64_t us = sim_tally_percentile(r->tally, s, percentiles[p].part);
			CLEANUP(mem_free_string)
			char *name = text_concat(percentiles[p].name, "Us");

			json_out_int(o, name, us);
		}
		json_object_object_add(steps, sim_fleet_step_names[s], o);
	}
	return steps;
}

static struct json_object *kinds_json(const struct fleet_result *r)
{
	struct json_object *kinds = json_object_new_object();

	for (size_t k = 0; k < SIM_FLEET_N_KINDS; k++) {
		struct json_object *o;

		if (r->tally->n_good[k] + r->tally->n_lost[k] == 0)
			continue;
		o = json_object_new_object();
		json_out_int(o, "expected", sim_fleet_kind_statuses[k]);
		json_out_int(o, "good", r->tally->n_good[k]);
		json_out_int(o, "lost", r->tally->n_lost[k]);
		json_object_object_add(kinds, sim_fleet_kind_names[k], o);
	}
	return kinds;
}

static struct json_object *errors_json(const struct fleet_result *r)
{
	struct json_object *errors = json_object_new_array();

	for (size_t i = 0; i < r->tally->n_texts; i++) {
		const struct sim_fleet_error *e = &r->tally->errors[i];
		struct json_object *o = json_object_new_object();

		json_out_string(o, "kind", name_kind(e->kind));
		json_out_string(o, "error", e->text);
		json_out_int(o, "n", e->n);
		json_object_array_add(errors, o);
	}
	return errors;
}

void fleet_report_json(const struct fleet_result *r, struct text *out)
{
	struct json_object *o = json_object_new_object();

	json_out_bool(o, "good", fleet_result_is_good(r));
	json_out_int(o, "phones", (int64_t)r->config->n_phones);
	json_out_int(o, "signedIn", r->tally->n_signed_in);
	json_out_int(o, "asked", r->config->n_flows);
	json_out_int(o, "flows", r->tally->n_started);
	json_out_int(o, "lost", sim_tally_lost(r->tally));
	json_out_int(o, "late", r->tally->n_late);
	json_out_int(o, "askedPerSecond", r->config->rate);
	add_number(o, "perSecond", rate(r));
	add_number(o, "seconds", (double)r->took_us / US_PER_S);
	add_number(o, "cpuUsPerFlow", cpu_us_per_flow(r));
	json_object_object_add(o, "steps", steps_json(r));
	json_object_object_add(o, "kinds", kinds_json(r));
	json_object_object_add(o, "errors", errors_json(r));
	text_add(out, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
								JSON_C_TO_STRING_NOSLASHESCAPE));
	text_add(out, "\n");
	json_object_put(o);
}

/* ---- JUnit ---- */

static bool has_errors(const struct fleet_result *r, enum sim_fleet_kind kind)
{
	for (size_t i = 0; i < r->tally->n_texts; i++)
		if (r->tally->errors[i].kind == kind)
			return true;
	return kind < SIM_FLEET_N_KINDS && r->tally->n_lost[kind] > 0;
}

static bool has_case(const struct fleet_result *r, enum sim_fleet_kind kind)
{
	return kind == SIM_FLEET_N_KINDS || r->config->mix[kind] > 0;
}

static void add_failure(const struct fleet_result *r, enum sim_fleet_kind kind, struct text *out)
{
	long long lost = kind < SIM_FLEET_N_KINDS ? r->tally->n_lost[kind] : 0;

	text_addf(out, ">\n    <failure message=\"%lld flows were lost\">", lost);
	for (size_t i = 0; i < r->tally->n_texts; i++) {
		const struct sim_fleet_error *e = &r->tally->errors[i];

		if (e->kind != kind)
			continue;
		text_addf(out, "%lld: ", (long long)e->n);
		text_add_xml(out, e->text);
		text_add(out, "\n");
	}
	text_add(out, "</failure>\n  </testcase>\n");
}

void fleet_report_junit(const struct fleet_result *r, struct text *out)
{
	double seconds = (double)r->took_us / US_PER_S;
	int n = 0, n_failed = 0;

	for (enum sim_fleet_kind k = 0; k <= SIM_FLEET_N_KINDS; k++) {
		n += has_case(r, k);
		n_failed += has_case(r, k) && has_errors(r, k);
	}
	text_addf(out,
		  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		  "<testsuite name=\"mcxsim fleet\" tests=\"%d\" failures=\"%d\" time=\"%.3f\">\n",
		  n, n_failed, seconds);
	for (enum sim_fleet_kind k = 0; k <= SIM_FLEET_N_KINDS; k++) {
		if (!has_case(r, k))
			continue;
		text_addf(out, "  <testcase classname=\"mcxsim.fleet\" name=\"%s\" time=\"%.3f\"",
			  name_kind(k), seconds);
		if (has_errors(r, k))
			add_failure(r, k, out);
		else
			text_add(out, "/>\n");
	}
	text_add(out, "</testsuite>\n");
}

/*
 * Tally
 */
#include "mcxd/sim/fleet/tally.h"

#include "proto/text/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define X(constant, name, status) name,
const char *const sim_fleet_kind_names[SIM_FLEET_N_KINDS] = { SIM_FLEET_KINDS(X) };
#undef X
#define X(constant, name, status) status,
const int sim_fleet_kind_statuses[SIM_FLEET_N_KINDS] = { SIM_FLEET_KINDS(X) };
#undef X
#define X(constant, name, help) name,
const char *const sim_fleet_step_names[SIM_FLEET_N_STEPS] = { SIM_FLEET_STEPS(X) };
#undef X
#define X(constant, name, help) help,
const char *const sim_fleet_step_helps[SIM_FLEET_N_STEPS] = { SIM_FLEET_STEPS(X) };
#undef X

void sim_tally_deinit(struct sim_tally *t)
{
	for (size_t i = 0; i < SIM_FLEET_N_STEPS; i++)
		free(t->times[i].us);
	for (size_t i = 0; i < t->n_texts; i++)
		free(t->errors[i].text);
	*t = (struct sim_tally){ 0 };
}

void sim_tally_time(struct sim_tally *t, enum sim_fleet_step step, int64_t us)
{
	struct sim_fleet_times *times = &t->times[step];

	if (times->n == times->room) {
		times->room = times->room ? 2 * times->room : 64;
		times->us = mem_realloc(times->us, times->room * sizeof(*times->us));
	}
	times->us[times->n++] = us < INT32_MAX ? (int32_t)us : INT32_MAX;
}

void sim_tally_error(struct sim_tally *t, enum sim_fleet_kind kind, const char *text)
{
	struct sim_fleet_error *e = t->errors;

	t->n_errors++;
	for (; e < t->errors + t->n_texts; e++)
		if (e->kind == kind && !strcmp(e->text, text))
			break;
	if (e == t->errors + SIM_FLEET_MAX_ERRORS) {
		e--;
		e->kind = SIM_FLEET_N_KINDS;
		mem_set_string(&e->text, "other errors");
	} else if (e == t->errors + t->n_texts) {
		*e = (struct sim_fleet_error){ .text = mem_strdup(text), .kind = kind };
		t->n_texts++;
	}
	e->n++;
}

static int64_t sum(const int64_t counts[SIM_FLEET_N_KINDS])
{
	int64_t n = 0;

	for (size_t i = 0; i < SIM_FLEET_N_KINDS; i++)
		n += counts[i];
	return n;
}

int64_t sim_tally_good(const struct sim_tally *t)
{
	return sum(t->n_good);
}

int64_t sim_tally_lost(const struct sim_tally *t)
{
	return sum(t->n_lost);
}

static int compare(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

int64_t sim_tally_percentile(struct sim_tally *t, enum sim_fleet_step step, double part)
{
	struct sim_fleet_times *times = &t->times[step];
	size_t rank;

	if (times->n == 0)
		return -1;
	qsort(times->us, times->n, sizeof(*times->us), compare);
	rank = (size_t)ceil(part * (double)times->n);
	return times->us[rank ? rank - 1 : 0];
}

/*
 * Simulated clients: words
 */
#include "mcxd/sim/sim.h"

#include "proto/text/mem.h"

const struct sim_event_row sim_event_rows[SIM_N_EVENTS] = {
#define X(constant, name, clients, help) { name, clients, help },
	SIM_EVENTS(X)
#undef X
};

bool sim_reaction_parse(const char *s, size_t n, enum sim_reaction *ret)
{
	static const char *const names[] = {
		[SIM_ACCEPT] = "accept",
		[SIM_DECLINE] = "decline",
		[SIM_IGNORE] = "ignore",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strlen(names[i]) == n && !strncmp(s, names[i], n)) {
			*ret = (enum sim_reaction)i;
			return true;
		}
	}
	return false;
}

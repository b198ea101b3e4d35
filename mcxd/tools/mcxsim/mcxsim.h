/*
 * mcxsim
 *
 * Hosts simulated clients (mcxd/sim): prints what they report, and acts on lines of standard input, on
 * signals, and on what the command line asks for.
 */
#pragma once

#include "mcxd/sim/sim.h"

/** What the program exits with: a contract that scripts rely on. */
enum {
	MCXSIM_OK,         /* what was asked happened */
	MCXSIM_FAILED,     /* it did not */
	MCXSIM_USAGE,      /* the command line is wrong */
	MCXSIM_UNREACHABLE /* the server cannot be reached */
};

static inline int mcxsim_exit_code(enum sim_outcome outcome)
{
	switch (outcome) {
	case SIM_DONE: return MCXSIM_OK;
	case SIM_UNREACHABLE: return MCXSIM_UNREACHABLE;
	case SIM_FAILED: break;
	}
	return MCXSIM_FAILED;
}

/** A command: argv[0] is its name. Returns the exit code. */
typedef int mcxsim_command_h(int argc, char **argv);

mcxsim_command_h phone_main;   /* phone.c */
mcxsim_command_h desktop_main; /* desktop.c */
mcxsim_command_h fleet_main;   /* fleet.c */

/*
 * Inspection
 *
 * mcxd --check: whether a daemon with these settings would start, and what it would find. Nothing is made and nothing is
 * changed, so it can be done while one runs.
 */
#pragma once

#include <stdbool.h>

struct settings;

/** Print a line for each part (users, certificates, database), on standard output if it is sound, otherwise on standard
 *  error. The settings themselves have been checked already. ephemeral: there is no state directory to look at. Returns
 *  whether all are sound. */
bool inspection_run(const struct settings *s, bool ephemeral);

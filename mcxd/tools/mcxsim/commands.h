/*
 * Slash commands
 *
 * What a person can do with the phone, typed as a line that begins with a slash.
 */
#pragma once

struct sim_phone;

/** Run a line such as "/accept"; complain if it cannot be done. */
void slash_run(struct sim_phone *phone, const char *line);

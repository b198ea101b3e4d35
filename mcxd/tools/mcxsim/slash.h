/*
 * Slash commands
 *
 * What a person can do with the phone, typed as a line that begins with a slash.
 */
#pragma once

struct sim_phone;

/** Run "/accept". What could not be done is complained about. */
void slash_run(struct sim_phone *phone, const char *line);

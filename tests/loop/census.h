/*
 * Census: everything of the front end that is under way, counted
 *
 * One place that asks all registries: legs, dialogs, conversations, transactions, pushes, timers, and what is charged for them. What a
 * test leaves behind shows as a difference to an earlier census.
 */
#pragma once

struct front_end_fixture;

/** Count what there is once everything has settled, for census_check(). */
void census_begin(struct front_end_fixture *f);

/** Everything has ended: after the longest of all transactions nothing is left but what was there at census_begin(). */
void census_check(struct front_end_fixture *f);

/*
 * Push subscription: its end
 *
 * A phone's subscription ends because the app takes it back, because the lab says so, or because the push service
 * has told that its channel is dead. In the last case the phone is not pushed until the app subscribes again, and
 * remembers since when.
 */
#pragma once

struct phone;

/** action, words: what the journal says of it. */
void subscription_end(struct phone *p, const char *action, const char *words);

/** The push service says that it is dead. A phone that has none is fine. */
void subscription_die(struct phone *p);

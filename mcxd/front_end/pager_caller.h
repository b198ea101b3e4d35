/*
 * Pager leg: a client that begins
 */
#pragma once

struct front_end;
struct invitation;
struct leg;
struct pager_request;
struct store_row;

/** Whom it connects: "self" is ours, in whose name we write to "peer", the client's user. route: where the client's message came
 *  from. */
struct pager_ends {
	const char *self, *peer, *peer_name, *route;
};

/** Begin a conversation. Its leg has one part of r from now on. */
void pager_caller_begin(struct front_end *s, const struct pager_ends *ends,
			const struct invitation *inv, struct pager_request *r);

/** After a restart, as pager_leg_restore(). */
struct leg *pager_caller_restore(struct front_end *s, const struct store_row *row);

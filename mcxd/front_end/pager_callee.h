/*
 * Pager leg: a client that is invited
 *
 * It gets the first line as a message. That it has taken the message is no answer, because nobody need be there: it answers when
 * its user writes back, or when nobody else is left who could.
 */
#pragma once

struct binding;
struct front_end;
struct leg;
struct store_row;

/** A leg for an invitation to a client; see dial in core/ports.h. */
struct leg *pager_callee_dial(struct front_end *s, const struct binding *b);

/** After a restart, as pager_leg_restore(). */
struct leg *pager_callee_restore(struct front_end *s, const struct store_row *row);

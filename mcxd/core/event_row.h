/*
 * Event row
 *
 * What of a phone's event queue outlives a restart: events that were not acknowledged, each with the packet that it
 * went out in, and the numbers that must not be given twice, because clients tell by the paths that are made of them
 * what they have seen; and acknowledged events that they still have links to. Without a store on disk nothing is written.
 *
 * An event is saved when the handler that has queued it is through, or at once if something waits for it. A packet is
 * saved before its first byte is sent, also on an almost full disk: once the phone has it, it can be removed.
 */
#pragma once

#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"

#include <stdbool.h>

/** From now on the phone's events are saved; and no longer, though those that leave the queue are still removed. */
void event_row_begin(struct phone *p);
void event_row_end(struct phone *p);

/** Save an event that has just been filled in. done may be NULL. */
void event_row_save(struct phone *p, struct event *object, store_done_h *done, void *magic);

/** Save the packet that event_queue_pack() has made; done is called when all of it is stored, or is not. */
void event_row_save_packet(struct phone *p, store_done_h *done, void *magic);

/** The phone has acknowledged a packet. */
void event_row_acknowledged(struct phone *p);

/** The name by which rows call a kind of event; NULL: there is none. */
const char *event_row_kind(enum event_kind kind);

/** Save the queue and all that is in it, also what was acknowledged and is kept. */
void event_row_save_all(struct phone *p);

/** Save at once what would be saved at the end of this round. */
void event_row_flush(struct phone *p);

/** A STORE_EVENT and a STORE_QUEUE row. False if the phone is unknown. */
bool event_row_restore(struct core *c, const struct store_row *row);
bool event_row_restore_queue(struct core *c, const struct store_row *row);

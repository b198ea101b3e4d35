/*
 * A VFS that knows what was synced
 *
 * SQLite's default VFS, with two additions: it remembers of every file what a disk would certainly hold if the power
 * failed, which is what was there at the last sync; and it can say that the disk is full.
 */
#pragma once

#include <stdbool.h>

#define SYNCED_VFS "synced"

void synced_vfs_register(void);
void synced_vfs_unregister(void);

/** From now on nothing can be written. Safe while another thread writes. */
void synced_vfs_set_full(bool full);

/** Write database and WAL as they were at their last sync to another path, with and without "-wal". */
void synced_vfs_snapshot(const char *from, const char *to);

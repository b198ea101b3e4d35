/*
 * A VFS that knows what was synced
 *
 * SQLite's default VFS, with additions: it remembers of every file what a disk would certainly hold if the power
 * failed, which is what was there at the last sync; and it can say that the disk is full, or read-only.
 */
#pragma once

#include <stdbool.h>

#define SYNCED_VFS "synced"

void synced_vfs_register(void);
void synced_vfs_unregister(void);

/** From now on nothing can be written. Safe while another thread writes. */
void synced_vfs_set_full(bool full);

/** From now on files are opened read-only, as SQLite's own VFS does where they cannot be written, none can be made, and what
 *  is open for writing cannot be written. */
void synced_vfs_set_read_only(bool read_only);

/** Write database and WAL as they were at their last sync to another path, with and without "-wal". */
void synced_vfs_snapshot(const char *from, const char *to);

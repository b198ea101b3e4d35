/*
 * File
 *
 * Writing files that are complete or absent.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/** Replace a file: write a temporary one beside it, sync it, rename it. It gets exactly the given mode, whatever
 *  the umask. Returns 0, or a negative errno with the old file unchanged. */
int file_replace(const char *path, const void *data, size_t n, mode_t mode);

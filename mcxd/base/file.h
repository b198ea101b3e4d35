/*
 * File
 *
 * Files that are there whole or not at all.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/** Replace a file: write a temporary one beside it, bring it to the disk, rename it. It has exactly
 * the given mode, whatever the umask. Returns 0, or a negative errno, and then the old one is as it
 * was. */
int file_replace(const char *path, const void *data, size_t n, mode_t mode);

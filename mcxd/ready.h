/*
 * Ready: telling people and scripts where a daemon listens
 */
#pragma once

struct daemon;

/** Write the ready file, JSON, whole or not at all. Returns 0 or a negative errno. */
int ready_write(const struct daemon *d, const char *path);

/** Print every address on standard output, and then "ready". */
void ready_print(const struct daemon *d);

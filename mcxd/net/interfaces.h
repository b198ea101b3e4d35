/*
 * Interfaces
 */
#pragma once

struct address;

/** Call on_address with every address that this machine has now, with port 0 and without a scope: by those a listener on
 *  0.0.0.0 or :: is reached. Returns 0 or a negative errno. */
int interfaces_each(void (*on_address)(void *magic, const struct address *a), void *magic);

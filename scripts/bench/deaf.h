/*
 * Deaf
 *
 * A peer that asks and does not read the answers.
 */
#pragma once

/** Send n OPTIONS over TCP as far as the server takes them, say how that ended, and keep the connection until SIGTERM. */
void deaf_run(const char *address, unsigned long n);

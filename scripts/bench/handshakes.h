/*
 * Handshakes
 *
 * HTTPS clients that come with a new TLS session each, ask once and go.
 */
#pragma once

void handshakes_run(const char *address, unsigned long rate, unsigned long seconds);

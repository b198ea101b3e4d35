/*
 * Burst
 *
 * Many INVITEs at once over one TCP connection: what a server does that has fallen behind.
 */
#pragma once

/** Send n INVITEs to user0@lab.test … of n_users users, wait until each has its final answer, which is acknowledged, and
 *  print {"sent":n,"ringing":n,"STATUS":n…}. Ends the process with a message if the connection ends. */
void burst_run(const char *address, unsigned long n, const char *user, unsigned long n_users);

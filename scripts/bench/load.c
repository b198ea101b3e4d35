/*
 * SIP load that SIPp cannot make: more requests at once than it has calls, and a peer that does not read.
 *   load options ADDRESS RATE SECONDS    OPTIONS over UDP at an even rate
 *   load burst   ADDRESS N USER N-USERS  N INVITEs at once over one TCP connection, to USER0@lab.test, USER1@…
 *   load deaf    ADDRESS N               N OPTIONS over one TCP connection, whose answers are not read
 * The first two print what came of it as JSON and end. The third prints "sent", "closed" (by the server) or "full" (the
 * server does not read on) and stays until SIGTERM.
 */
#include "scripts/bench/burst.h"
#include "scripts/bench/deaf.h"
#include "scripts/bench/options.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	const char *mode = argc > 3 ? argv[1] : "";
	const char *address = argv[2];
	unsigned long n = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;

	if (!strcmp(mode, "options") && argc == 5)
		options_run(address, n, strtoul(argv[4], NULL, 10));
	else if (!strcmp(mode, "burst") && argc == 6)
		burst_run(address, n, argv[4], strtoul(argv[5], NULL, 10));
	else if (!strcmp(mode, "deaf") && argc == 4)
		deaf_run(address, n);
	else
		errx(2, "usage: see the top of scripts/bench/load.c");
	return 0;
}

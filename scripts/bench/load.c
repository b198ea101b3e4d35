/*
 * SIP load that SIPp cannot make: more requests at once than it has calls, and a peer that does not read.
 *   load options ADDRESS RATE SECONDS    OPTIONS over UDP at an even rate
 *   load burst   ADDRESS N USER N-USERS  N INVITEs at once over one TCP connection, to USER0@lab.test, USER1@…
 *   load deaf    ADDRESS N               N OPTIONS over one TCP connection, whose answers are not read
 *   load late    ADDRESS RATE SECONDS WAIT-MS USER N-USERS   INVITEs over TCP at an even rate; how late their 408s are
 *   load handshakes ADDRESS RATE SECONDS   HTTPS clients at an even rate, with a handshake each
 * Those that end by themselves print what came of it as JSON. deaf prints "sent", "closed" (by the server) or "full" (the
 * server does not read on) and stays until SIGTERM.
 */
#include "scripts/bench/burst.h"
#include "scripts/bench/deaf.h"
#include "scripts/bench/handshakes.h"
#include "scripts/bench/late.h"
#include "scripts/bench/options.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static void run_late(char **argv)
{
	const struct late_config config = {
		.address = argv[2],
		.rate = strtoul(argv[3], NULL, 10),
		.seconds = strtoul(argv[4], NULL, 10),
		.wait_ms = strtoul(argv[5], NULL, 10),
		.user = argv[6],
		.n_users = strtoul(argv[7], NULL, 10),
	};

	late_run(&config);
}

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
	else if (!strcmp(mode, "handshakes") && argc == 5)
		handshakes_run(address, n, strtoul(argv[4], NULL, 10));
	else if (!strcmp(mode, "late") && argc == 8)
		run_late(argv);
	else
		errx(2, "usage: see the top of scripts/bench/load.c");
	return 0;
}

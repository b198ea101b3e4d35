/*
 * The phones that accept, and the clearing house, of scripts/bench/run. Prints "ready" once it listens, and on SIGTERM
 * what it has done, as JSON.
 *   phones mcxd     PUSH-ADDRESS HTTP-ADDRESS DOMAIN PASSWORD N   N phones that come back and accept
 *   phones kamailio PUSH-ADDRESS HTTP-ADDRESS                     accepts by POST /accept/USER
 *   phones silent   PUSH-ADDRESS                                  takes pushes, does nothing
 */
#include "scripts/bench/phone.h"
#include "scripts/bench/push.h"
#include "scripts/bench/resume.h"
#include "scripts/bench/wire.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say_ready(void)
{
	puts("ready");
	fflush(stdout);
}

static void on_push_silent(unsigned long index)
{
	(void)index;
}

static void start_mcxd(char **argv)
{
	struct phones_config config = {
		.http = argv[3],
		.domain = argv[4],
		.password = argv[5],
		.n = strtoul(argv[6], NULL, 10),
	};

	push_listen(argv[2], phone_push);
	phones_start(&config, say_ready);
}

static void report(void)
{
	const struct phones_count *n = phones_count();

	printf("{\"pushes\":%lu,\"accepted\":%lu,\"answered\":%lu,\"ended\":%lu,\"failed\":%lu}\n",
	       push_count(), n->accepted, n->answered, n->ended, n->failed + resume_failed());
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[1] : "";

	wire_init();
	if (!strcmp(mode, "mcxd") && argc == 7) {
		start_mcxd(argv);
	} else if (!strcmp(mode, "kamailio") && argc == 4) {
		push_listen(argv[2], resume_push);
		resume_start(argv[3]);
		say_ready();
	} else if (!strcmp(mode, "silent") && argc == 3) {
		push_listen(argv[2], on_push_silent);
		say_ready();
	} else {
		errx(2, "usage: see the top of scripts/bench/phones.c");
	}
	wire_run();
	report();
	return 0;
}

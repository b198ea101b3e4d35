/*
 * mcxsim phone
 */
#include "mcxd/sim/phone/phone.h"

#include "mcxd/base/log.h"

#include <signal.h>

int phone_main(int argc, char **argv)
{
	struct phone_options options;
	struct sim_phone *h;
	struct loop *l;
	int code = phone_options_parse(argc, argv, &options);

	if (code >= 0) {
		phone_options_deinit(&options);
		return code;
	}
	log_set_levels("warn");
	/* Whoever reads our events may go away. */
	signal(SIGPIPE, SIG_IGN);
	if (loop_new(&l) < 0) {
		sim_complain("the event loop cannot be made");
		phone_options_deinit(&options);
		return SIM_FAILED;
	}
	h = sim_phone_new(l, &options);
	sim_phone_start(h);
	loop_run(l);
	code = h->code;
	sim_phone_free(h);
	loop_free(l);
	phone_options_deinit(&options);
	return code;
}

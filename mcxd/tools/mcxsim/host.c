/*
 * Host
 */
#include "mcxd/tools/mcxsim/host.h"

#include "mcxd/base/loop.h"
#include "mcxd/net/hosts.h"
#include "mcxd/net/tls.h"
#include "mcxd/sim/sim.h"
#include "mcxd/tools/mcxsim/input.h"
#include "mcxd/tools/mcxsim/mcxsim.h"
#include "mcxd/tools/mcxsim/names.h"
#include "mcxd/tools/mcxsim/out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

bool host_init(struct host *h)
{
	*h = (struct host){ .code = MCXSIM_FAILED };
	if (loop_new(&h->loop) == 0) {
		h->hosts = hosts_new();
		return true;
	}
	out_complain("cannot create the event loop");
	return false;
}

int host_deinit(struct host *h)
{
	input_free(h->input);
	loop_free(h->loop);
	hosts_free(h->hosts);
	tls_context_free(h->tls);
	return h->code;
}

bool host_know(struct host *h, const struct setting_map *given, const char *const *where)
{
	if (names_find(h->hosts, given, where))
		return true;
	h->code = MCXSIM_UNREACHABLE;
	return false;
}

bool host_trust(struct host *h, const char *transport, const char *ca_file)
{
	const struct tls_config config = { .ca_files = &ca_file, .n_ca_files = 1 };
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (strcmp(transport, "tls") != 0)
		return true;
	if (tls_client_new(&config, &why, &h->tls) == 0)
		return true;
	out_complain("%s", text_str(&why));
	return false;
}

void host_listen(struct host *h, input_line_h *on_line, input_end_h *on_end,
		 loop_signal_h *on_signal)
{
	loop_signal_add(h->loop, SIGINT, on_signal, h);
	loop_signal_add(h->loop, SIGTERM, on_signal, h);
	h->input = input_new(h->loop, STDIN_FILENO, on_line, on_end, h);
}

void host_on_problem(void *magic, const char *sentence)
{
	(void)magic;
	out_complain("%s", sentence);
}

void host_on_end(void *magic, enum sim_outcome outcome)
{
	struct host *h = magic;

	h->code = mcxsim_exit_code(outcome);
	loop_stop(h->loop);
}

/*
 * Configuration of a simulated phone
 */
#include "mcxd/sim/phone/config.h"

#include "mcxd/sim/sim.h"

void sim_phone_config_complete(struct sim_phone_config *c)
{
	if (!c->user_agent)
		c->user_agent = c->iphone ? SIM_IPHONE_USER_AGENT : SIM_PHONE_USER_AGENT;
	if (!c->phone_name)
		c->phone_name = c->user;
	if (c->n_on_toast == 0)
		c->on_toast[c->n_on_toast++] = SIM_ACCEPT;
}

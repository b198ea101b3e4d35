/*
 * Chats: what was said before one was connected
 */
#include "mcxd/base/list.h"
#include "mcxd/sim/lines.h"
#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"

bool sim_chats_any_open(const struct sim_chats *cs)
{
	return !list_empty(&cs->open);
}

bool sim_chats_any(const struct sim_chats *cs)
{
	return sim_chats_any_open(cs) || cs->n_starting > 0 || cs->to_next != SIM_IGNORE;
}

void sim_chats_check_unsent(struct sim_chats *cs)
{
	char *text;

	while (!sim_chats_any(cs) && (text = sim_lines_take(&cs->unsent))) {
		sim_report_event(cs->args.report,
				 &(struct sim_event){ .kind = SIM_EVENT_NOT_SENT,
						      .summary = text,
						      .fields = &(struct sim_field){ "text", text },
						      .n_fields = 1 });
		free(text);
	}
}

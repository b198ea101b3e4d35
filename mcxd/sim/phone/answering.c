/*
 * Answering
 */
#include "mcxd/sim/phone/answering.h"

#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/phone/links.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"
#include "web/http/client.h"

#include <json-c/json.h>

bool sim_answering_is_wanted(const struct sim_answering *a)
{
	return a->chats->to_next != SIM_IGNORE;
}

bool sim_answering_want(struct sim_answering *a, enum sim_reaction reaction)
{
	if (sim_chats_answer(a->chats, reaction))
		return true;
	sim_chats_answer_next(a->chats, reaction);
	return false;
}

static bool has_unknown(const struct sim_answering *a, struct json_object *list)
{
	const char *href;

	for (size_t i = 0; (href = sim_link_href_at(list, "conversation", i)); i++)
		if (!sim_chats_know(a->chats, href))
			return true;
	return false;
}

static void on_list(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_answering *a = magic;
	const char *peer = sim_chats_peer(a->chats);

	a->asked = 0;
	if (!sim_answering_is_wanted(a)) /* the invitation has arrived meanwhile */
		return;
	if (!sim_request_ok(a->requests, r, body, "reading the conversations") ||
	    has_unknown(a, body))
		return;
	if (peer)
		sim_report_problem(a->report, "nobody is ringing; a conversation with %s is open",
				   peer);
	else
		sim_report_problem(a->report, "nobody is ringing");
	sim_chats_answer_next(a->chats, SIM_IGNORE);
}

void sim_answering_look(struct sim_answering *a, const char *href)
{
	if (sim_answering_is_wanted(a) && !a->asked && href)
		a->asked = sim_request_send(
			a->requests,
			&(struct sim_request){
				.method = "GET", .href = href, .on_answer = on_list, .magic = a });
}

void sim_answering_stop(struct sim_answering *a)
{
	sim_request_cancel(a->requests, a->asked);
	a->asked = 0;
	sim_chats_answer_next(a->chats, SIM_IGNORE);
}

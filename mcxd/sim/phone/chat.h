/*
 * Chats
 *
 * The conversations of a phone. Each begins as an invitation that the server announces, also if it is the
 * phone's own:
 *
 *   RINGING -- answer --> ANSWERING -- messaging connected --> CONNECTED
 *   CALLING ------------------------------------------------------^
 *
 * The answer to a request and the event that follows from it arrive by two connections, in either order.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/sim/lines.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"

#include <json-c/json.h>
#include <stdbool.h>

struct sim_chats_args {
	struct sim_requests *requests;
	struct sim_report *report;
	const struct sim_phone_config *config;
	void (*on_activity)(void *magic); /* something happened in a conversation */
	void (*on_over)(
		void *magic); /* a conversation that was answered, or ignored on purpose, is over */
	void *magic;
};

struct sim_chats {
	struct sim_chats_args args;
	struct list open;           /* oldest first */
	struct sim_lines unsent;    /* said before anything was connected */
	enum sim_reaction reaction; /* to invitations */
	enum sim_reaction
		to_next; /* to the one that comes next, instead of that; SIM_IGNORE: none */
	int64_t n_starting; /* invitations asked for and not announced yet; the server may announce others */
};

void sim_chats_init(struct sim_chats *cs, const struct sim_chats_args *args);
void sim_chats_deinit(struct sim_chats *cs);

bool sim_chats_any_open(const struct sim_chats *cs);

/** Whether any is open or beginning. */
bool sim_chats_any(const struct sim_chats *cs);

/** If not, report what waits for one as not sent. */
void sim_chats_check_unsent(struct sim_chats *cs);

/* ---- events, with the resource that they embed ---- */

void sim_chats_on_invited(struct sim_chats *cs, struct json_object *invitation, const char *href);
void sim_chats_on_invitation_ended(struct sim_chats *cs, struct json_object *event,
				   const char *href);
void sim_chats_on_messaging(struct sim_chats *cs, struct json_object *messaging,
			    const char *sender);
void sim_chats_on_message(struct sim_chats *cs, struct json_object *event,
			  struct json_object *message, const char *sender);
/** Know a conversation that was connected before this app was started. other: whom it is with. */
void sim_chats_resume(struct sim_chats *cs, struct json_object *messaging,
		      struct json_object *other);
void sim_chats_on_conversation_gone(struct sim_chats *cs, const char *href);

/** End the conversations that are gone, and react to the invitations that still ring; called when all events of an answer are read. */
void sim_chats_react(struct sim_chats *cs);

/* ---- actions; phone.h describes them ---- */

bool sim_chats_answer(struct sim_chats *cs, enum sim_reaction reaction);
/** React like this to the invitation that the next events bring; SIM_IGNORE: as to any other. */
void sim_chats_answer_next(struct sim_chats *cs, enum sim_reaction reaction);
/** Whether there is an open conversation of this href. */
bool sim_chats_know(struct sim_chats *cs, const char *conversation);
/** With whom the newest conversation is that was answered; NULL: there is none. */
const char *sim_chats_peer(struct sim_chats *cs);
bool sim_chats_say(struct sim_chats *cs, const char *text);
bool sim_chats_type(struct sim_chats *cs);
bool sim_chats_hang_up(struct sim_chats *cs);
bool sim_chats_hang_up_all(struct sim_chats *cs);

/** Hang up the next conversation at once, whatever is still on its way. Returns false, and on_answer is not
 *  called, when there is none. */
bool sim_chats_drop_next(struct sim_chats *cs, sim_answer_h *on_answer, void *magic);

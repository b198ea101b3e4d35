/*
 * Dialog
 *
 * What a simulated desktop has to know of a conversation in order to go on with it later, perhaps from another port:
 * the identifiers of its SIP dialog (RFC 3261, 12).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct sim_dialog {
	char *peer; /* address */
	char *name; /* as the window shows it */
	char *call_id;
	char *local, *remote; /* "<sip:alice@lab.test>;tag=1" */
	char *target;         /* Contact of the other side; NULL: it has told none */
	uint32_t local_cseq, remote_cseq;
};

void sim_dialog_deinit(struct sim_dialog *d);
void sim_dialog_copy(struct sim_dialog *to, const struct sim_dialog *from);

/** Whether its parts can be those of a dialog. */
bool sim_dialog_is_sound(const struct sim_dialog *d);

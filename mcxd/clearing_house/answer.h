/*
 * Clearing house: answering a request
 */
#pragma once

#include "proto/diag.h"

#include <sofia-sip/nta.h>

struct clearing_house;

/** Answer with a diagnostic and further header lines ("Name: value\r\n…", may be NULL). Destroys the
 *  transaction. */
void clearing_house_answer(struct clearing_house *house, nta_incoming_t *irq,
			   const struct diag *diag, const char *headers);

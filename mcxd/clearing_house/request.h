/*
 * Clearing house: a request and its checks
 */
#pragma once

#include "proto/diag.h"
#include "proto/push/body.h"
#include "proto/sip/ident.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/sip.h>
#include <stdbool.h>

struct clearing_house;
struct text;

struct clearing_house_request {
	const sip_t *sip;
	struct mcx_user from; /* the phone; aor is "" if From has another form */
	struct push_body body;
};

/** Check a request and decode it. Returns true, or false with the diagnostic, and with further header lines for the answer appended to
 *  ret_headers; *ret then owns nothing. */
bool clearing_house_request_check(const struct clearing_house *house, nta_incoming_t *irq,
				  const sip_t *sip, struct clearing_house_request *ret,
				  struct diag *ret_diag, struct text *ret_headers);
void clearing_house_request_deinit(struct clearing_house_request *r);

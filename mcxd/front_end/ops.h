/*
 * SIP leg: operations
 *
 * The part of a table of operations (core/leg.h) that the legs of callers and of callees have in common.
 */
#pragma once

#include "mcxd/front_end/keep.h"
#include "mcxd/front_end/messages.h"
#include "mcxd/front_end/pass.h"
#include "mcxd/front_end/release.h"

#define SIP_LEG_OPS                                                                                \
	.name = "sip", .say = sip_messages_op_say, .said = sip_messages_op_said,                   \
	.storing = sip_messages_op_storing, .typing = sip_messages_op_typing,                      \
	.pass = sip_pass_op_pass, .passed = sip_pass_op_passed, .withdraw = sip_pass_op_withdraw,  \
	.end = sip_leg_op_end, .save = sip_leg_op_save, .free = sip_leg_op_free

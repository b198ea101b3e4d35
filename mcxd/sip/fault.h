/*
 * Faults
 *
 * What is wrong with a parsed message, where NTA does not say it, or takes the message nevertheless.
 */
#pragma once

#include <sofia-sip/sip.h>

#include <stdbool.h>

/** A static sentence, or NULL: nothing is wrong with it that this knows of. is_whole: it was not cut by us, so that it should
 *  have the body that it says. */
const char *fault_of(const sip_t *sip, bool is_whole);

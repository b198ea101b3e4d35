/*
 * SIP messages as text: what their kinds share
 */
#pragma once

#include "proto/sip/text.h"

/** Latch an error unless s is something that can be a tag or a Call-ID: not empty, no spaces, no
 *  separators that would end it (word of RFC 3261, 25.1, less the brackets and quotes). */
void sip_text_check_word(struct sip_text *m, const char *s);

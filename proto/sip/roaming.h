/*
 * Roaming contacts
 *
 * The contact list as Microsoft's clients are notified of it ([MS-SIP], vnd-microsoft-roaming-contacts): a group of all,
 * and the contacts in it.
 */
#pragma once

#include "proto/text/text.h"

#define ROAMING_CONTENT_TYPE "application/vnd-microsoft-roaming-contacts+xml"

void roaming_begin(struct text *out);
void roaming_add(struct text *out, const char *aor, const char *name);
void roaming_end(struct text *out);

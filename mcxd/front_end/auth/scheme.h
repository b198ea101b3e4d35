/*
 * Authentication schemes
 */
#pragma once

/** What a listener asks clients for; a set of them. */
enum { AUTH_NONE = 0, AUTH_DIGEST = 1, AUTH_NTLM = 2 };

/** The set of a list of words with spaces or commas in between: "none", or "digest", "ntlm" or both. -1: it is something else. */
int auth_schemes_read(const char *list);

/*
 * Token
 *
 * A secret in a file: its first and only line. A token is long, a password may be short.
 */
#pragma once

struct text;

/** Read it; free() it. NULL having appended to why what is wrong. The token is never in why. */
char *token_read(const char *path, struct text *why);

/** Check a setting that names such a file, or nothing. */
void token_check(const char *path, struct text *why);

/** The same of a password. */
char *password_read(const char *path, struct text *why);
void password_check(const char *path, struct text *why);

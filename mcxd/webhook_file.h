/*
 * Webhook file
 *
 * Where the secret lies that webhooks are signed with, in one line ("whsec_…"). The receivers of webhooks get a copy.
 */
#pragma once

struct text;
struct webhook_secret;

/** Read it, or make it if there is no such file (mode 0600). Returns 0, or a negative errno, having logged what is wrong. The
 *  secret is never in the log. */
int webhook_file_load(const char *path, struct webhook_secret *ret);

/** Check a setting that names such a file, which may still be missing, or nothing. */
void webhook_file_check(const char *path, struct text *why);

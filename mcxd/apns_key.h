/*
 * APNs key
 *
 * The file with the key that provider tokens are signed with, as Apple hands it out.
 */
#pragma once

struct es256_key;
struct text;

/** Read it; *ret is NULL if path is empty. Returns 0, or a negative errno, having logged what is wrong. */
int apns_key_load(const char *path, struct es256_key **ret);

/** Check a setting that names such a file, or nothing. */
void apns_key_check(const char *path, struct text *why);

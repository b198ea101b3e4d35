/*
 * Warnings
 *
 * What works, and is probably not what was meant: certificates that are out of date, lists that let nobody in, keys that others can
 * read.
 */
#pragma once

struct roles;

/** Log those that hold from the start to the end, once the roles run. */
void warnings_at_start(const struct roles *r);

/** Log those that files cause: at the start, and whenever they are read again. */
void warnings_of_files(const struct roles *r);

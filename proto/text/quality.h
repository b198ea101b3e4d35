/*
 * Quality
 *
 * What a client prefers of several things, as in "Accept-Encoding: gzip;q=0.8, *;q=0.1" (RFC 9110 12.4.2).
 */
#pragma once

enum { QUALITY_MAX = 1000 };

/** The weight, 0 to 1000, that a list of tokens gives to a name, or to "*" if it does not have the name; -1: it has
 *  neither. An element whose weight is malformed counts as 0. */
int quality_of(const char *list, const char *name);

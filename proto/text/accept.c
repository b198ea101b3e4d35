/*
 * Accept
 */
#include "proto/text/accept.h"

#include "proto/text/quality.h"

#include <stdio.h>
#include <string.h>

/* The name of a type has at most 127 characters (RFC 6838 4.2). */
enum { MAX_RANGE = 130 };

int accept_quality(const char *header, const char *type)
{
	char any[MAX_RANGE];
	int quality;

	if (!header)
		return QUALITY_MAX;
	quality = quality_of(header, type);
	if (quality >= 0)
		return quality;
	snprintf(any, sizeof(any), "%.*s/*", (int)strcspn(type, "/"), type);
	quality = quality_of(header, any);
	if (quality < 0)
		quality = quality_of(header, "*/*");
	return quality < 0 ? 0 : quality;
}

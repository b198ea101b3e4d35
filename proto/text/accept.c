/*
 * Accept
 */
#include "proto/text/accept.h"

#include "proto/text/mem.h"
#include "proto/text/quality.h"
#include "proto/text/text.h"

#include <string.h>

int accept_quality(const char *header, const char *type)
{
	CLEANUP(mem_free_string) char *any = NULL;
	int quality;

	if (!header)
		return QUALITY_MAX;
	quality = quality_of(header, type);
	if (quality >= 0)
		return quality;
	any = text_format("%.*s/*", (int)strcspn(type, "/"), type);
	quality = quality_of(header, any);
	if (quality < 0)
		quality = quality_of(header, "*/*");
	return quality < 0 ? 0 : quality;
}

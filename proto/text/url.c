/*
 * URLs
 */
#include "proto/text/url.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"

#include <string.h>

char *url_origin(const char *url)
{
	const char *p = url;

	while (chars_is_alpha(*p))
		p++;
	if (p == url || strncmp(p, "://", 3) != 0)
		return NULL;
	p += 3;
	return mem_memdup(url, (size_t)(p - url) + strcspn(p, "/?#"));
}

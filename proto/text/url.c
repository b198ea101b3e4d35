/*
 * URLs
 */
#include "proto/text/url.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

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

char *url_to_listener(const char *address)
{
	static const struct {
		const char *any, *loopback;
	} rows[] = { { "0.0.0.0:", "127.0.0.1:" }, { "[::]:", "[::1]:" } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *host = strstr(address, rows[i].any);

		if (host && (host == address || host[-1] == '/'))
			return text_format("%.*s%s%s", (int)(host - address), address,
					   rows[i].loopback, host + strlen(rows[i].any));
	}
	return mem_strdup(address);
}

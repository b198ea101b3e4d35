/*
 * Notification URIs: the authority lies within the input, and no client reads another host in it.
 */
#include "proto/push/notification_uri.h"

#include "proto/text/mem.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *s = mem_memdup(data, size);
	CLEANUP(mem_free_string) char *authority = NULL;
	struct notification_uri u;
	const char *why = NULL;

	if (notification_uri_decode(s, &u, &why)) {
		assert(why);
		return 0;
	}
	assert(u.n_host > 0 && u.n_host <= u.n_authority);
	assert(u.authority + u.n_authority <= s + strlen(s));
	authority = mem_memdup(u.authority, u.n_authority);
	assert(!strpbrk(authority, "@/?#\\% \r\n"));
	assert(notification_uri_is_allowed(&u, authority));
	return 0;
}

/*
 * URIs and addresses: what is decoded is an address of record, and stays the same when it is encoded as a URI
 * and decoded again.
 */
#include "proto/sip/name_addr.h"
#include "proto/sip/uri.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_aor(const char *s)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT;
	char aor[URI_MAX_AOR + 1], again[URI_MAX_AOR + 1];
	const char *why = NULL;

	if (uri_aor(s, aor, &why)) {
		assert(why);
		return;
	}
	assert(uri_is_aor(aor));
	uri_add_aor(&uri, aor);
	assert(!strpbrk(text_str(&uri), " \r\n\t<>\";"));
	/* Escapes can make the URI longer than the limit. */
	if (uri.n <= URI_MAX_BYTES)
		assert(!uri_aor(text_str(&uri), again, NULL) && !strcmp(aor, again));
}

static void check_name_addr(const char *s)
{
	CLEANUP(text_deinit) struct text display = TEXT_INIT;
	char value[64];
	struct name_addr a;
	const char *why = NULL;

	if (name_addr_decode(s, &a, &why)) {
		assert(why);
		return;
	}
	assert(a.n_uri && a.uri >= s && a.uri + a.n_uri <= a.params);
	if (!name_addr_param(&a, "tag", value, sizeof(value)))
		assert(strlen(value) < sizeof(value));
	name_addr_add_display(&display, a.display_name);
	assert(!strpbrk(text_str(&display), "\r\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *s = mem_memdup(data, size);
	const char *why = NULL;
	char value[64];
	struct uri u;

	if (uri_decode((const char *)data, size, &u, &why)) {
		assert(why);
	} else {
		assert(u.host[0] && u.port <= 65535);
		assert(!strpbrk(u.user, "@\r\n \"<>:"));
		for (const char *p = strchr(u.user, '%'); p; p = strchr(p + 1, '%'))
			assert(chars_hex(p[1]) >= 0 && chars_hex(p[2]) >= 0);
		if (!uri_param(&u, "transport", value, sizeof(value)))
			assert(!strpbrk(value, "\r\n"));
	}
	check_aor(s);
	check_name_addr(s);
	return 0;
}

/*
 * Identities of endpoints: decoding, encoding and decoding again gives the same.
 */
#include "proto/sip/ident.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_gruu(const char *s)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct gruu g, again;

	if (ident_gruu_decode(s, &g))
		return;
	assert(ident_is_gruu_token(g.token));
	ident_add_gruu(&t, g.aor, g.token);
	if (t.n > URI_MAX_BYTES)
		return;
	assert(!ident_gruu_decode(text_str(&t), &again));
	assert(!strcmp(g.aor, again.aor) && !strcmp(g.token, again.token));
}

static void check_mcx_user(const char *s)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct mcx_user m, again;

	if (ident_mcx_user_decode(s, &m))
		return;
	assert(ident_is_push_identity(m.push_identity));
	ident_add_mcx_user(&t, m.push_identity, m.aor);
	if (t.n > URI_MAX_BYTES)
		return;
	assert(!ident_mcx_user_decode(text_str(&t), &again));
	assert(!strcmp(m.aor, again.aor) && !strcmp(m.push_identity, again.push_identity));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *s = mem_memdup(data, size);
	char uuid[IDENT_UUID_SIZE];

	if (ident_is_epid(s)) {
		ident_uuid(s, uuid);
		assert(strlen(uuid) == IDENT_UUID_SIZE - 1);
	}
	if (!ident_instance_decode(s, uuid))
		assert(strlen(uuid) == IDENT_UUID_SIZE - 1);
	check_gruu(s);
	check_mcx_user(s);
	return 0;
}

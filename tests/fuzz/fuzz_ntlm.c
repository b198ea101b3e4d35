/*
 * AUTHENTICATE_MESSAGEs: what was read lies within the input, and proves no password that its maker did not know.
 */
#include "proto/auth/ntlm.h"

#include "proto/text/utf8.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char nonce[NTLM_NONCE_BYTES] = { 1 };
	static struct ntlm_maker *m;
	struct ntlm_authenticate a;
	struct ntlm_keys keys;
	const char *why = NULL;

	if (!m)
		m = ntlm_maker_new(&why);
	if (ntlm_authenticate_decode(data, size, &a, &why) < 0) {
		assert(why && !a.user && !a.domain && !a.proof);
		return 0;
	}
	assert(a.blob == a.proof + 16 && a.n_blob < size);
	assert(utf8_is_text(a.user, strlen(a.user)) && utf8_is_text(a.domain, strlen(a.domain)));
	assert(!ntlm_prove(m, &a, nonce, "of nobody", &keys));
	ntlm_authenticate_deinit(&a);
	return 0;
}

/*
 * Tokens: what is signed lies within the input, and what nobody signed is not good.
 */
#include "proto/auth/jwt.h"

#include "proto/crypto/es256.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct es256_key *key;
	const char *s = (const char *)data, *why = NULL;
	struct jwt t;

	if (!key)
		key = es256_key_new();
	if (jwt_decode(s, size, &t, &why) < 0) {
		assert(why && !t.key_id && !t.issuer);
		return 0;
	}
	assert(t.n_signed < size && s[t.n_signed] == '.');
	/* The key is new: nothing of a corpus can be signed with it. */
	assert(jwt_check(s, &t,
			 &(struct jwt_rules){
				 .key = key, .key_id = t.key_id, .issuer = t.issuer }) != JWT_GOOD);
	jwt_deinit(&t);
	return 0;
}

/*
 * Parameters of authentication, and challenges and credentials of Digest: what was read is within bounds, can be written, and is the
 * same when it is read again.
 */
#include "proto/auth/digest.h"

#include "proto/auth/params.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(const struct auth_params *a)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct auth_params again;
	const char *why;

	text_add_all(&t, auth_params_scheme(a), " ");
	for (size_t i = 0; i < a->n; i++)
		auth_params_add_quoted(&t, a->params[i].name, a->params[i].value);
	if (t.n > AUTH_PARAMS_MAX_BYTES)
		return;
	assert(auth_params_decode(text_str(&t), t.n, &again, &why) == 0 && again.n == a->n);
	for (size_t i = 0; i < a->n; i++)
		assert(auth_params_get(&again, a->params[i].name));
	auth_params_deinit(&again);
}

static void answer(struct digest_maker *m, const struct auth_params *a)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const struct digest_request r = { "alice", "secret", "REGISTER", "sip:lab.test", "c" };
	struct digest_session s = { 0 };
	struct digest_credentials c;
	struct auth_params own;
	const char *why;

	if (digest_session_take(&s, a, &why) < 0) {
		assert(why && !s.nonce);
		return;
	}
	digest_session_answer(&t, &s, m, &r);
	if (s.has_qop && auth_params_decode(text_str(&t), t.n, &own, &why) == 0) {
		assert(digest_credentials_read(&own, &c, &why) == 0);
		/* Control characters are left out of what is written. */
		if (!strcmp(c.realm, s.realm) && !strcmp(c.nonce, s.nonce))
			assert(digest_verify(m, &c, "REGISTER", "secret"));
		auth_params_deinit(&own);
	}
	digest_session_deinit(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct digest_maker *m;
	struct digest_credentials c;
	struct auth_params a;
	const char *why = NULL;

	if (!m)
		m = digest_maker_new();
	if (auth_params_decode((const char *)data, size, &a, &why) < 0) {
		assert(why && !a.text && a.n == 0);
		return 0;
	}
	write_again(&a);
	if (digest_credentials_read(&a, &c, &why) == 0)
		assert(!digest_verify(m, &c, "REGISTER", "of a password that nobody has"));
	else
		assert(why);
	answer(m, &a);
	auth_params_deinit(&a);
	return 0;
}

/*
 * Clearing house: provider token
 */
#include "mcxd/clearing_house/provider_token.h"

#include "proto/auth/jwt.h"
#include "proto/crypto/es256.h"
#include "proto/push/apns.h"
#include "proto/text/text.h"

#include <stdbool.h>

/* Between both limits, with room for clocks that differ. */
enum { RENEWAL_S = (APNS_TOKEN_AGE_S + APNS_TOKEN_RENEWAL_S) / 2 };

const char *provider_token_get(struct provider_token *t, int64_t now_s)
{
	/* A machine's clock may also be set back. */
	if (t->token.n && now_s >= t->issued_s && now_s - t->issued_s < RENEWAL_S)
		return text_str(&t->token);
	text_reset(&t->token);
	text_add(&t->token, "bearer ");
	jwt_encode(&t->token, t->key_id, t->team_id, now_s, t->key);
	t->issued_s = now_s;
	return text_str(&t->token);
}

bool provider_token_expire(struct provider_token *t, int64_t issued_s, int64_t now_s)
{
	if (!t->token.n || issued_s != t->issued_s)
		return true;
	if (now_s - t->issued_s < APNS_TOKEN_RENEWAL_S && now_s >= t->issued_s)
		return false;
	text_reset(&t->token);
	return true;
}

void provider_token_deinit(struct provider_token *t)
{
	es256_key_free(t->key);
	text_deinit(&t->token);
	*t = (struct provider_token){ 0 };
}

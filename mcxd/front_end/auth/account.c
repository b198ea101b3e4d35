/*
 * Authentication: accounts
 */
#include "mcxd/core/user.h"
#include "mcxd/front_end/auth/private.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/private.h"
#include "mcxd/sip/agent.h"
#include "proto/sip/uri.h"
#include "proto/ucwa/login.h"

#include <sofia-sip/sip_protos.h>

/* Who has none is not to be told from others by the time that an answer takes. */
#define NO_PASSWORD "no password"

struct user *auth_account(const struct front_end_auth *a, const struct auth_request *q,
			  const char *name)
{
	const char *address = login_address(name);

	if (!address && login_may_mean(name, q->from))
		address = q->from;
	return address ? user_meet(a->front_end->core, address, q->sender.is_local) : NULL;
}

bool auth_has_password(const struct user *u)
{
	const char *password = u ? user_password(u) : NULL;

	return password && *password;
}

const char *auth_password(const struct user *u)
{
	return auth_has_password(u) ? user_password(u) : NO_PASSWORD;
}

bool auth_owns(const struct user *u, const struct auth_request *q)
{
	char to[URI_MAX_AOR + 1];

	if (strcmp(u->aor, q->from) != 0)
		return false;
	return q->sip->sip_request->rq_method != sip_method_register ||
	       (!field_aor(q->sip->sip_to->a_url, to) && !strcmp(u->aor, to));
}

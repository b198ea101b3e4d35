/*
 * Roles: the push service
 */
#include "mcxd/roles_push_service.h"

#include "mcxd/identity.h"
#include "mcxd/net/pki.h"
#include "mcxd/push_service/push_service.h"
#include "mcxd/roles.h"
#include "mcxd/roles_config.h"
#include "mcxd/settings.h"
#include "mcxd/state.h"

/* A certificate's names are topics, and whether it has the right one is for the push service to say. */
static int make_apns_identity(struct roles *r)
{
	const struct settings *s = r->args.settings;

	return identity_init(&r->apns_identity,
			     &(struct identity_args){ .section = "push_service",
						      .pair = &r->args.state->push_service,
						      .authority = r->args.state->authority.cert,
						      .trust = s->trust,
						      .policy = &s->push_service_tls,
						      .alpn = "h2",
						      .any_name = true });
}

int roles_start_push_service(struct roles *r)
{
	int err = make_apns_identity(r);

	if (err)
		return err;
	roles_fill_push_service(r);
	return push_service_new(&(struct push_service_args){ .loop = r->args.loop,
							     .journal = r->args.journal,
							     .metrics = r->args.metrics,
							     .faults = r->args.faults,
							     .config = &r->push_service_config,
							     .apns_tls = r->apns_identity.server },
				&r->push_service);
}

/*
 * Roles: the clearing house
 */
#include "mcxd/roles_clearing_house.h"

#include "mcxd/apns_key.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/identity.h"
#include "mcxd/own_address.h"
#include "mcxd/roles.h"
#include "mcxd/roles_config.h"
#include "mcxd/settings.h"
#include "mcxd/sip_role.h"
#include "mcxd/state.h"
#include "mcxd/webhook_file.h"
#include "proto/auth/webhook.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/lab.h"

static bool is_push_service(const char *listener)
{
	return !strcmp(listener, "push_service") || !strcmp(listener, "apns");
}

/* Whether a connection would end at this process, and not at what pushes are for. */
static bool is_own(const void *magic, const struct address *a)
{
	const struct roles *r = magic;

	for (size_t i = 0; i < r->n_listeners; i++)
		if (!is_push_service(r->listeners[i].name) &&
		    own_address_reaches(a, r->listeners[i].address))
			return true;
	return false;
}

static int load_webhook_secret(const struct roles *r, struct webhook_secret *ret)
{
	const char *set = r->args.settings->webhook_secret_file;
	CLEANUP(mem_free_string)
	char *path =
		*set ? mem_strdup(set) : text_concat(r->args.state->dir, "/" STATE_WEBHOOK_SECRET);

	return webhook_file_load(path, ret);
}

/* The push service of this process knows a key that is made for it, unless somebody has brought another one. */
static int load_apns_key(const struct roles *r, struct es256_key **ret)
{
	const struct settings *s = r->args.settings;
	const char *set = s->clearing_house_apns_key_file;
	bool is_shared = roles_have_own_apns(r) && !*s->apns_key_file;

	*ret = NULL;
	if (!*set && *s->clearing_house.apns.cert_file)
		return 0;
	return apns_key_load(!*set && is_shared ? r->args.state->apns_key : set, ret);
}

int roles_start_clearing_house(struct roles *r)
{
	const char *ca_file = r->args.settings->clearing_house_ca_file;
	struct webhook_secret secret;
	struct es256_key *apns_key;
	int err = load_webhook_secret(r, &secret);

	if (!err)
		err = load_apns_key(r, &apns_key);
	if (err)
		return err;
	roles_fill_clearing_house(r);
	return clearing_house_new(
		&(struct clearing_house_args){ .loop = r->args.loop,
					       .stack = r->stack,
					       .journal = r->args.journal,
					       .metrics = r->args.metrics,
					       .faults = r->args.faults,
					       .config = &r->clearing_house_config,
					       .tls_server =
						       r->identities[SIP_CLEARING_HOUSE].server,
					       .ca_file = *ca_file ? ca_file : NULL,
					       .webhook_secret = secret,
					       .apns_key = apns_key,
					       .own = { is_own, r } },
		&r->clearing_house);
}

/*
 * Upstream
 */
#include "mcxd/front_end/upstream/upstream.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/upstream/registration.h"
#include "mcxd/sip/agent.h"
#include "proto/auth/digest.h"
#include "proto/sip/ident.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <string.h>

int upstream_init(struct upstream *u, struct front_end *s)
{
	CLEANUP(text_deinit) struct text route = TEXT_INIT;
	const char *registrar = s->config->upstream.registrar;
	int err;

	u->front_end = s;
	strtab_init(&u->by_token);
	list_init(&u->registrations);
	if (!registrar || !*registrar)
		return 0;
	err = agent_make_route(s->agent, registrar, &route);
	if (err) {
		log_error("front_end", NULL,
			  "upstream.registrar: %s is not the SIP URI of an address or of a name in "
			  "[hosts]",
			  registrar);
		return err;
	}
	u->route = text_take(&route);
	u->digest = digest_maker_new();
	return 0;
}

void upstream_deinit(struct upstream *u)
{
	list_for_each_safe (node, &u->registrations)
		upstream_registration_free(
			LIST_ENTRY(node, struct upstream_registration, of_upstream));
	strtab_deinit(&u->by_token);
	digest_maker_free(u->digest);
	free(u->route);
	free(u->trouble);
}

bool upstream_status(const struct upstream *u, int64_t *ret_registered, int64_t *ret_all,
		     const char **ret_trouble)
{
	*ret_registered = u->n_registered;
	*ret_all = (int64_t)strtab_count(&u->by_token);
	*ret_trouble = u->n_registered < *ret_all ? u->trouble : NULL;
	return u->route;
}

bool upstream_add_contact(const struct upstream *u, const char *token, struct text *out)
{
	const struct upstream_registration *r =
		u->route && token ? strtab_get(&u->by_token, token) : NULL;

	if (r)
		upstream_registration_add_contact(r, out);
	return r;
}

uint64_t upstream_callee(const struct upstream *u, const url_t *url, char *ret, size_t size)
{
	char text[URI_MAX_BYTES];
	const struct upstream_registration *r;
	struct gruu gruu;

	if (!u->route || url_e(text, sizeof(text), url) >= (issize_t)sizeof(text) ||
	    ident_gruu_decode(text, &gruu) != 0)
		return 0;
	r = strtab_get(&u->by_token, gruu.token);
	if (!r)
		return 0;
	text_join(ret, size, r->aor);
	return r->phone;
}

/* ---- core's phones ---- */

static void on_joined(void *adapter, const struct phone *p)
{
	struct front_end *s = adapter;
	struct upstream *u = &s->upstream;

	if (u->route)
		strtab_add(&u->by_token, p->gruu_token, upstream_registration_new(u, p));
}

static void on_left(void *adapter, const struct phone *p)
{
	struct front_end *s = adapter;
	struct upstream *u = &s->upstream;
	struct upstream_registration *r = strtab_get(&u->by_token, p->gruu_token);

	if (!r)
		return;
	strtab_remove(&u->by_token, p->gruu_token);
	upstream_registration_leave(r);
}

const struct phone_port front_end_phone_port = {
	.joined = on_joined,
	.left = on_left,
};

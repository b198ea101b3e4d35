/*
 * HTTPS API: what the room remembers of an application
 */
#include "web/ucwa/app.h"

#include "mcxd/base/idtab.h"
#include "mcxd/core/core.h"
#include "mcxd/core/phone.h"
#include "proto/crypto/sha256.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/resource.h"
#include "web/ucwa/private.h"

/* Entries of phones that are gone are swept once there are more than twice as many entries as phones,
 * plus this. */
#define SPARE_APPS 16

static void drop_app(struct ucwa *u, struct ucwa_app *app)
{
	idtab_remove(u->apps, app->phone_id);
	free(app->path);
	free(app->pass);
	free(app);
}

static void drop_orphans(struct ucwa *u)
{
	struct ucwa_app *app;

	if (idtab_count(u->apps) <= 2 * idtab_count(&u->core->phones) + SPARE_APPS)
		return;
	for (uint64_t cursor = 0; (app = idtab_next(u->apps, &cursor));)
		if (!phone_get(u->core, app->phone_id))
			drop_app(u, app);
}

/* A name that no property has, in the form of a UUID, and the same after a restart: it is part of an entity tag. */
static char *make_name(const struct phone *p)
{
	char hex[HEX_DIGEST_SIZE];

	sha256_hmac_hex(p->push_identity, "pass", hex);
	return text_format("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

struct ucwa_app *ucwa_app_of(struct ucwa *u, const struct phone *p)
{
	struct ucwa_app *app = idtab_get(u->apps, p->id);

	if (app)
		return app;
	drop_orphans(u);
	app = MEM_NEW(struct ucwa_app);
	app->phone_id = p->id;
	app->path = text_format(UCWA_APPLICATIONS "/%s", p->app_id);
	app->pass = make_name(p);
	idtab_add_as(u->apps, p->id, app);
	return app;
}

void ucwa_app_forget(struct ucwa *u, uint64_t phone_id)
{
	struct ucwa_app *app = idtab_get(u->apps, phone_id);

	if (app)
		drop_app(u, app);
}

void ucwa_apps_free(struct ucwa *u)
{
	struct ucwa_app *app;

	for (uint64_t cursor = 0; (app = idtab_next(u->apps, &cursor));)
		drop_app(u, app);
}

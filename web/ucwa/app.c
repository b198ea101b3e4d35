/*
 * HTTPS API: what the room remembers of an application
 */
#include "web/ucwa/app.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/random.h"
#include "mcxd/core/core.h"
#include "mcxd/core/phone.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/resource.h"
#include "web/ucwa/private.h"
#include "web/ucwa/ucwa.h"

/* Entries of phones that are gone are swept once there are more than twice as many entries as phones,
 * plus this. */
#define SPARE_APPS 16

struct recent {
	struct list of_app;
	char *path;
	char *text;
	char *operation_id; /* may be NULL */
};

struct typing {
	struct list of_app;
	uint64_t conversation;
};

static void drop_recent(struct ucwa_app *app, struct recent *kept)
{
	list_remove(&kept->of_app);
	app->n_recent--;
	free(kept->path);
	free(kept->text);
	free(kept->operation_id);
	free(kept);
}

static void drop_app(struct ucwa *u, struct ucwa_app *app)
{
	idtab_remove(u->apps, app->phone_id);
	list_for_each_safe (node, &app->recent)
		drop_recent(app, LIST_ENTRY(node, struct recent, of_app));
	list_for_each_safe (node, &app->typing) {
		list_remove(node);
		free(LIST_ENTRY(node, struct typing, of_app));
	}
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

/* A name that no property has, in the form of a UUID. */
static char *make_name(void)
{
	char hex[33];

	random_hex(16, hex);
	return text_format("%.8s-%.4s-%.4s-%.4s-%s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
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
	app->pass = make_name();
	list_init(&app->recent);
	list_init(&app->typing);
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

/* ---- recent resources ---- */

static struct recent *find_recent(const struct ucwa_app *app, const char *path)
{
	list_for_each (node, &app->recent) {
		struct recent *kept = LIST_ENTRY(node, struct recent, of_app);

		if (!strcmp(kept->path, path))
			return kept;
	}
	return NULL;
}

void ucwa_keep(struct ucwa *u, struct ucwa_app *app, const char *path, char *text,
	       const char *operation_id)
{
	struct recent *kept = find_recent(app, path);

	if (kept) {
		free(kept->text);
		kept->text = text;
		return;
	}
	kept = MEM_NEW(struct recent);
	kept->path = mem_strdup(path);
	kept->text = text;
	kept->operation_id = mem_strdup(operation_id);
	list_append(&app->recent, &kept->of_app);
	app->n_recent++;
	if (app->n_recent > u->config.max_recent)
		drop_recent(app, LIST_ENTRY(app->recent.next, struct recent, of_app));
}

const char *ucwa_kept(const struct ucwa_app *app, const char *path)
{
	const struct recent *kept = find_recent(app, path);

	return kept ? kept->text : NULL;
}

const char *ucwa_kept_operation(const struct ucwa_app *app, const char *path)
{
	const struct recent *kept = find_recent(app, path);

	return kept ? kept->operation_id : NULL;
}

/* ---- typing ---- */

static struct typing *find_typing(const struct ucwa_app *app, uint64_t conversation)
{
	list_for_each (node, &app->typing) {
		struct typing *t = LIST_ENTRY(node, struct typing, of_app);

		if (t->conversation == conversation)
			return t;
	}
	return NULL;
}

void ucwa_set_typing(struct ucwa_app *app, uint64_t conversation, bool typing)
{
	struct typing *t = find_typing(app, conversation);

	if (typing && !t) {
		t = MEM_NEW(struct typing);
		t->conversation = conversation;
		list_append(&app->typing, &t->of_app);
	} else if (!typing && t) {
		list_remove(&t->of_app);
		free(t);
	}
}

bool ucwa_is_typing(const struct ucwa_app *app, uint64_t conversation)
{
	return find_typing(app, conversation) != NULL;
}

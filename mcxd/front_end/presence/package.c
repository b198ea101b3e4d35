/*
 * Event packages
 */
#include "mcxd/front_end/presence/package.h"

#include "mcxd/base/loop.h"
#include "mcxd/core/core.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/user.h"
#include "proto/sip/category.h"
#include "proto/sip/pidf.h"
#include "proto/sip/roaming.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>
#include <strings.h>

/* A user who is not there is offline, like one who is not signed in. */
static void view_of(const struct core *c, const char *aor, struct presence_view *ret,
		    const char **ret_note)
{
	const struct user *u = user_find(c, aor);

	*ret = (struct presence_view){ .availability = AVAILABILITY_OFFLINE };
	*ret_note = NULL;
	if (!u)
		return;
	presence_view(u, ret);
	*ret_note = u->presence.note;
}

static void presence_document(const struct core *c, const char *watcher, const char *resource,
			      struct text *out)
{
	static const enum pidf_activity activities[N_AVAILABILITIES] = {
		[AVAILABILITY_OFFLINE] = PIDF_CLOSED,
		[AVAILABILITY_ONLINE] = PIDF_OPEN,
		[AVAILABILITY_BUSY] = PIDF_BUSY,
		[AVAILABILITY_DO_NOT_DISTURB] = PIDF_DO_NOT_DISTURB,
		[AVAILABILITY_BE_RIGHT_BACK] = PIDF_BE_RIGHT_BACK,
		[AVAILABILITY_AWAY] = PIDF_AWAY,
		[AVAILABILITY_OFF_WORK] = PIDF_AWAY,
		[AVAILABILITY_IDLE_ONLINE] = PIDF_OPEN,
		[AVAILABILITY_IDLE_BUSY] = PIDF_BUSY,
	};
	struct presence_view view;
	const char *note;

	(void)watcher;
	view_of(c, resource, &view, &note);
	pidf_encode(out, &(struct pidf){
				 .aor = resource,
				 .activity = activities[view.availability],
				 .note = note,
				 .mobile = view.device == DEVICE_PHONE,
				 .idle = view.availability == AVAILABILITY_IDLE_ONLINE ||
					 view.availability == AVAILABILITY_IDLE_BUSY,
			 });
}

static void category_document(const struct core *c, const char *watcher, const char *resource,
			      struct text *out)
{
	const struct user *u = user_find(c, resource);
	struct presence_view view;
	const char *note;

	(void)watcher;
	view_of(c, resource, &view, &note);
	category_encode(out, &(struct category){
				     .aor = resource,
				     .name = u ? u->display_name : NULL,
				     .availability = presence_word(view.availability),
				     .note = note,
				     .mobile = view.device == DEVICE_PHONE,
				     .wall_us = loop_wall_us(c->loop),
			     });
}

/* Open users are in nobody's list; and no more than a client may watch. */
static void contacts_document(const struct core *c, const char *watcher, const char *resource,
			      struct text *out)
{
	const struct user *u;
	int64_t n = 0;
	void *cursor = NULL;

	(void)resource;
	roaming_begin(out);
	while (n < c->config->max_watched && (u = user_next(c, &cursor))) {
		if (u->origin == USER_OPEN || !strcmp(u->aor, watcher))
			continue;
		roaming_add(out, u->aor, u->display_name);
		n++;
	}
	roaming_end(out);
}

/* The first row of an event is what is sent to a client that does not say what it takes. */
static const struct package packages[] = {
	{ .event = "presence", .type = PIDF_CONTENT_TYPE, .document = presence_document },
	{ .event = "presence",
	  .type = CATEGORY_CONTENT_TYPE,
	  .document = category_document,
	  .takes_list = true },
	{ .event = "vnd-microsoft-roaming-contacts",
	  .type = ROAMING_CONTENT_TYPE,
	  .document = contacts_document,
	  .is_about_all = true },
};

static bool accepts(const sip_accept_t *a, const char *type)
{
	const char *slash = strchr(type, '/');

	if (!a)
		return true;
	for (; a; a = a->ac_next) {
		if (!a->ac_type || !strcasecmp(a->ac_type, type) || !strcmp(a->ac_type, "*/*"))
			return true;
		if (!strncasecmp(a->ac_type, type, (size_t)(slash - type) + 1) &&
		    !strcmp(a->ac_type + (slash - type) + 1, "*"))
			return true;
	}
	return false;
}

/* A client that knows Microsoft's form is served in it, whatever else it takes. */
static bool is_microsofts(const sip_t *sip)
{
	for (const sip_accept_t *a = sip->sip_accept; a; a = a->ac_next)
		if (a->ac_type && !strcasecmp(a->ac_type, CATEGORY_CONTENT_TYPE))
			return true;
	return false;
}

const struct package *package_find(const sip_t *sip, bool *ret_known)
{
	const char *event = sip->sip_event ? sip->sip_event->o_type : "";
	bool microsofts = is_microsofts(sip);

	*ret_known = false;
	for (size_t i = 0; i < ARRAY_SIZE(packages); i++) {
		const struct package *p = &packages[i];

		if (strcasecmp(p->event, event) != 0)
			continue;
		*ret_known = true;
		if (microsofts && p->document == presence_document)
			continue;
		if (accepts(sip->sip_accept, p->type))
			return p;
	}
	return NULL;
}

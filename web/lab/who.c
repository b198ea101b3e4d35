/*
 * Lab API: who is meant
 */
#include "web/lab/who.h"

#include "mcxd/core/user.h"
#include "proto/sip/uri.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool has_name(const struct user *u, const char *name)
{
	size_t n = strcspn(u->aor, "@");

	return strlen(name) == n && !strncasecmp(u->aor, name, n);
}

const char *lab_who(const struct core *c, const char *name, char room[URI_MAX_AOR + 1])
{
	const struct user *u, *found = NULL;
	void *cursor = NULL;

	if (!c || !name || strchr(name, '@'))
		return name;
	while ((u = user_next(c, &cursor))) {
		if (!has_name(u, name))
			continue;
		if (found)
			return name;
		found = u;
	}
	if (!found)
		return name;
	snprintf(room, URI_MAX_AOR + 1, "%s", found->aor);
	return room;
}

struct user *lab_meet(struct core *c, const char *name)
{
	char room[URI_MAX_AOR + 1];

	return user_meet(c, lab_who(c, name, room), true);
}

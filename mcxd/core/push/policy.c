/*
 * Push policy
 */
#include "mcxd/core/push/policy.h"

#include "mcxd/core/core.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"
#include "proto/push/body.h"
#include "proto/push/notification_uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <string.h>

static bool reaches(const struct core_config *config, const struct notification_uri *uri)
{
	CLEANUP(mem_free_string)
	char *host = text_format("%.*s", (int)uri->n_host, uri->authority);

	return !config->push_reaches || config->push_reaches(config->push_hosts, host);
}

static const char *refuse_uri(const struct core_config *config, const char *s)
{
	struct notification_uri uri;
	const char *why;

	if (notification_uri_decode(s, &uri, &why))
		return why;
	if (config->push_allow_hosts &&
	    !notification_uri_is_allowed(&uri, config->push_allow_hosts))
		return "The host of the notification URI is not among those that push.allow_hosts, "
		       "or "
		       "else clearing_house.allow_hosts, lists";
	if (!reaches(config, &uri))
		return "The host of the notification URI is a name that is not in [hosts]";
	return NULL;
}

static enum push_rule refuse_platform(const struct core_config *config, const char *platform)
{
	bool is_apple = !strcmp(platform, PUSH_PLATFORM_APPLE);

	if (is_apple && config->apple_push_is_missing)
		return PUSH_RULE_APPLE_NOT_CONFIGURED;
	if (is_apple ? !config->enable_apple_push
		     : !strcmp(platform, PUSH_PLATFORM_WINDOWS_PHONE) &&
			       !config->enable_microsoft_push)
		return PUSH_RULE_SITE;
	return PUSH_RULE_NONE;
}

static enum push_rule rule(const struct user *u, const struct subscription *s, const char **ret_why)
{
	const struct core_config *config = u->core->config;
	enum push_rule refused;

	*ret_why = "Push notifications are not allowed for this user";
	if (!u->policy.enable_push)
		return PUSH_RULE_USER;
	refused = refuse_platform(config, s->platform);
	if (refused == PUSH_RULE_APPLE_NOT_CONFIGURED)
		*ret_why = "The clearing house of this process has no connection to the Apple push "
			   "service";
	else if (!strcmp(s->platform, PUSH_PLATFORM_APPLE))
		*ret_why = "Apple push notifications are turned off (push.apple)";
	else
		*ret_why = "Microsoft push notifications are turned off (push.microsoft)";
	if (refused)
		return refused;
	*ret_why = s->notification_uri ? refuse_uri(config, s->notification_uri) : NULL;
	return *ret_why ? PUSH_RULE_HOST : PUSH_RULE_NONE;
}

enum push_rule push_rule_against(const struct user *u, const struct subscription *s)
{
	const char *why;

	return rule(u, s, &why);
}

const char *push_refusal(const struct user *u, const struct subscription *s)
{
	const char *why;

	return rule(u, s, &why) ? why : NULL;
}

const char *push_obstacle(const struct phone *p)
{
	if (p->user->core->stopping)
		return "The server is shutting down";
	if (!p->subscription.platform && !p->user->policy.enable_push)
		return "Push notifications are not allowed for this user";
	if (!p->subscription.platform)
		return p->subscription.ended_wall_us
			       ? "Push subscription of target device has expired"
			       : "No push subscription for target device";
	return push_refusal(p->user, &p->subscription);
}

/*
 * Push policy
 *
 * Whether a phone may subscribe to pushes, and can be pushed: what the user's policy and the site's settings say of it.
 */
#pragma once

struct phone;
struct subscription;
struct user;

/** What rules a subscription out. */
enum push_rule {
	PUSH_RULE_NONE,
	PUSH_RULE_USER,                 /* the user's policy */
	PUSH_RULE_SITE,                 /* push.microsoft, push.apple */
	PUSH_RULE_APPLE_NOT_CONFIGURED, /* the clearing house of this process has no connection to Apple */
	PUSH_RULE_HOST                  /* its URI, or where that leads */
};

/** Which of our own settings keeps a phone of this user from a subscription like this. */
enum push_rule push_rule_against(const struct user *u, const struct subscription *s);

/** The same as a reason; NULL: none does. */
const char *push_refusal(const struct user *u, const struct subscription *s);

/** NULL if the phone can be pushed, else the reason why not, as the 408 will say it. */
const char *push_obstacle(const struct phone *p);

/*
 * Login names
 */
#include "proto/ucwa/login.h"

#include <string.h>
#include <strings.h>

const char *login_address(const char *name)
{
	if (strchr(name, '\\'))
		return NULL;
	if (!strncasecmp(name, "sip:", 4))
		name += 4;
	return strchr(name, '@') ? name : NULL;
}

static bool is(const char *p, size_t n, const char *word, size_t n_word)
{
	return n == n_word && n && !strncasecmp(p, word, n);
}

bool login_may_mean(const char *name, const char *aor)
{
	const char *at = strchr(aor, '@'), *backslash = strchr(name, '\\');
	const char *user = backslash ? backslash + 1 : name;
	size_t n_domain = backslash ? (size_t)(backslash - name) : 0;

	if (!at || !is(aor, (size_t)(at - aor), user, strlen(user)))
		return false;
	return !backslash || is(at + 1, strlen(at + 1), name, n_domain) ||
	       is(at + 1, strcspn(at + 1, "."), name, n_domain);
}

/*
 * Names
 */
#include "mcxd/tools/mcxsim/names.h"

#include "mcxd/base/setting_map.h"
#include "mcxd/net/address.h"
#include "mcxd/net/hosts.h"
#include "mcxd/tools/mcxsim/options.h"
#include "mcxd/tools/mcxsim/out.h"
#include "proto/text/mem.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

/* ---- --host ---- */

static bool take_host(void *slot, const char *value)
{
	CLEANUP(mem_free_string) char *name = mem_strdup(value);
	char *equals = strchr(name, '=');
	struct address ignored;

	if (!equals)
		return false;
	*equals = '\0';
	if (!hosts_is_name(name) || !address_read_host(equals + 1, &ignored))
		return false;
	setting_map_set(slot, name, equals + 1);
	return true;
}

const struct option_type names_option = { take_host, "a name and its address, such as "
						     "fe.lab.test=127.0.0.1" };

/* ---- looking up ---- */

/* Of "scheme://host:port/path" or "host:port"; an address in brackets keeps them. */
static char *host_of(const char *where)
{
	const char *scheme = strstr(where, "://");
	const char *host = scheme ? scheme + strlen("://") : where;
	size_t n = strcspn(host, *host == '[' ? "]" : ":/?#");

	return mem_memdup(host, n + (host[n] == ']'));
}

/* IPv4 if there is one: it is what mcxd listens on by default, and all that the desktop's SIP speaks. */
static const struct addrinfo *choose(const struct addrinfo *all)
{
	for (const struct addrinfo *info = all; info; info = info->ai_next)
		if (info->ai_family == AF_INET)
			return info;
	return all;
}

static bool look_up(struct hosts *h, const char *name)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *all = NULL;
	const struct addrinfo *info;
	struct address address;
	char text[ADDRESS_TEXT_SIZE];
	int code = getaddrinfo(name, NULL, &hints, &all);
	bool found = false;

	info = choose(all);
	if (code)
		out_complain("cannot look up %s: %s", name, gai_strerror(code));
	else if (!info || !address_from_sockaddr(info->ai_addr, info->ai_addrlen, &address) ||
		 hosts_add(h, name, address_format_host(&address, false, text)) < 0)
		out_complain("%s has no address", name);
	else
		found = true;
	if (all)
		freeaddrinfo(all);
	return found;
}

bool names_find(struct hosts *h, const struct setting_map *given, const char *const *where)
{
	for (size_t i = 0; i < given->n; i++)
		hosts_add(h, given->pairs[i]->name, given->pairs[i]->value);
	for (; *where; where++) {
		CLEANUP(mem_free_string) char *host = host_of(*where);
		struct address ignored;

		if (!hosts_resolve(h, host, 0, &ignored) && !look_up(h, host))
			return false;
	}
	return true;
}

/*
 * Origins
 */
#include "proto/ucwa/origin.h"

#include "proto/sip/uri.h"
#include "proto/text/chars.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *start, *port;
} schemes[] = {
	{ "https://", ":443" },
	{ "http://", ":80" },
};

static bool ends_with(const char *s, size_t n, const char *end)
{
	size_t n_end = strlen(end);

	return n > n_end && !strcmp(s + n - n_end, end);
}

int origin_decode(const char *s, char ret[ORIGIN_SIZE], const char **ret_why)
{
	size_t i = 0, n = strlen(s), n_start;

	while (i < 2 && strncasecmp(s, schemes[i].start, strlen(schemes[i].start)) != 0)
		i++;
	n_start = i < 2 ? strlen(schemes[i].start) : 0;
	if (!n_start || n >= ORIGIN_SIZE || !uri_is_host_port(s + n_start)) {
		*ret_why =
			"expected http:// or https:// with a host and perhaps a port, and nothing "
			"behind it, such as https://app.lab.test:8443";
		return -EINVAL;
	}
	if (ends_with(s + n_start, n - n_start, schemes[i].port))
		n -= strlen(schemes[i].port);
	for (size_t at = 0; at < n; at++)
		ret[at] = chars_lower(s[at]);
	ret[n] = '\0';
	return 0;
}

/*
 * Agent: method names
 *
 * Debian's sofia (1.12.11+20110422.1+1e14eea~dfsg-6) rejects "CSeq: 1 SERVICE" as malformed, and so every unknown
 * method whose name is shorter than the known one with the same initial: its patch for CVE-2022-31001 compares
 * lengths with the candidate that did not match. Lync clients send SERVICE when they sign in. The library calls
 * sip_method_d() through the dynamic linker, so that this definition takes the place of its own.
 */

#include "proto/text/chars.h"

#include <sofia-sip/sip_parser.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static sip_method_t known_method(const char *s, size_t n)
{
	for (int method = sip_method_invite; method <= (int)sip_method_publish; method++) {
		const char *name = sip_method_name((sip_method_t)method, NULL);

		if (strlen(name) == n && !memcmp(name, s, n))
			return (sip_method_t)method;
	}
	return sip_method_unknown;
}

sip_method_t sip_method_d(char **ss, char const **nname)
{
	char *s = *ss;
	size_t n = 0;
	sip_method_t method;

	while (chars_is_token(s[n]))
		n++;
	if (n == 0 || (s[n] && !is_space(s[n])))
		return sip_method_invalid;
	method = known_method(s, n);
	if (nname)
		*nname = method == sip_method_unknown ? s : sip_method_name(method, NULL);
	if (method == sip_method_unknown && nname && s[n])
		s[n++] = '\0';
	while (is_space(s[n]))
		n++;
	*ss = s + n;
	return method;
}

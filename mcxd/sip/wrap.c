/*
 * Wrapped functions
 *
 * Three functions of sofia's that the linker replaces for all of the library, by --wrap in meson.build.
 *
 * sip_method_d(): Debian's sofia (1.12.11+20110422.1+1e14eea~dfsg-6) takes "CSeq: 1 SERVICE" for malformed, and every other unknown
 * method whose name is shorter than the known one with the same initial: its patch for CVE-2022-31001 compares lengths with the
 * candidate that did not match. Lync clients send SERVICE as they sign in.
 *
 * msg_hash_string(): the hash of its tables of transactions and dialogs has no key, so that a sender who chooses Call-IDs and
 * branches can make all of them land in one chain.
 *
 * su_msg_send(): by such a message to itself NTA puts off what it must not tell from within a call, as that a request could not even
 * be sent. The loop asks sofia for its next timer only; unless the stack is told of messages, they wait for one, up to 32 s.
 */
#include "mcxd/base/hash.h"
#include "mcxd/sip/stack.h"
#include "proto/text/chars.h"

#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/su_wait.h>

#include <string.h>

/* NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the linker's names */
sip_method_t __wrap_sip_method_d(char **ss, char const **ret_name);
unsigned long __wrap_msg_hash_string(char const *s);
int __wrap_su_msg_send(su_msg_r message);
int __real_su_msg_send(su_msg_r message);

int __wrap_su_msg_send(su_msg_r message)
{
	su_root_t *root = message[0] ? su_task_root(su_msg_to(message)) : NULL;

	if (root)
		stack_wake((struct stack *)su_root_magic(root));
	return __real_su_msg_send(message);
}

unsigned long __wrap_msg_hash_string(char const *s)
{
	unsigned long hash = s ? (unsigned long)hash_keyed(s, strlen(s)) : 0;

	return hash ? hash : 1; /* sofia takes 0 for "not computed" */
}

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

sip_method_t __wrap_sip_method_d(char **ss, char const **ret_name)
{
	char *s = *ss;
	size_t n = 0;
	sip_method_t method;

	while (chars_is_token(s[n]))
		n++;
	if (n == 0 || (s[n] && !is_space(s[n])))
		return sip_method_invalid;
	method = known_method(s, n);
	if (ret_name)
		*ret_name = method == sip_method_unknown ? s : sip_method_name(method, NULL);
	if (method == sip_method_unknown && ret_name && s[n])
		s[n++] = '\0';
	while (is_space(s[n]))
		n++;
	*ss = s + n;
	return method;
}
/* NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier) */

/*
 * Authentication schemes
 */
#include "mcxd/front_end/auth/scheme.h"

#include "proto/text/mem.h"
#include "proto/text/words.h"

static int scheme_of(const char *word)
{
	static const struct {
		const char *word;
		int scheme;
	} rows[] = { { "none", AUTH_NONE }, { "digest", AUTH_DIGEST }, { "ntlm", AUTH_NTLM } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].word, word))
			return rows[i].scheme;
	return -1;
}

int auth_schemes_read(const char *list)
{
	CLEANUP(words_free) char **words = words_split(list ? list : "");
	int set = AUTH_NONE;

	if (!*words)
		return -1;
	for (char **word = words; *word; word++) {
		int scheme = scheme_of(*word);

		if (scheme < 0 || set & scheme || (scheme == AUTH_NONE && words[1]))
			return -1;
		set |= scheme;
	}
	return set;
}

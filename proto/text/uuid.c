/*
 * UUID
 */
#include "proto/text/uuid.h"

#include "proto/text/chars.h"

#include <string.h>

bool uuid_is(const char *s)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(s) != UUID_CHARS)
		return false;
	for (size_t i = 0; i < UUID_CHARS; i++)
		if (form[i] == '-' ? s[i] != '-' : chars_hex(s[i]) < 0)
			return false;
	return true;
}

/*
 * Display name
 */
#include "proto/text/display_name.h"

#include "proto/text/utf8.h"

#include <string.h>

const char *display_line_flaw(const char *s)
{
	if (!utf8_is_text(s, strlen(s)))
		return "must be UTF-8";
	if (utf8_has_control(s))
		return "must not have control characters or line ends";
	if (utf8_count(s) > DISPLAY_NAME_MAX)
		return "must not be longer than 256 characters";
	return NULL;
}

const char *display_name_flaw(const char *s)
{
	return s[strspn(s, " ")] ? display_line_flaw(s) : "must not be empty";
}

_Static_assert(DISPLAY_NAME_MAX == 256, "the sentence says so");

/*
 * Charsets
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct text;

/** Whether it is UTF-8, or a subset: "", "utf-8", "utf8", "us-ascii"; lower case. */
bool charset_is_utf8(const char *charset);

/** The name for a Windows code page, such as 1252; NULL: none that we know. */
const char *charset_of_code_page(int page);

/** Append n bytes as UTF-8; what is not a character becomes U+FFFD. charset is lower case, as in struct content_type.
 *  Returns 0, or 1, with nothing appended, if the charset is unknown. */
int charset_decode(struct text *out, const char *charset, const char *p, size_t n);

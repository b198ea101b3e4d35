/*
 * RTF of instant messages
 *
 * Rich Text Format (Microsoft, specification 1.9.1) as plain text.
 */
#pragma once

#include <stddef.h>

struct text;

enum { RTF_MAX_DEPTH = 64, RTF_MAX_FONTS = 64 };

/** Append what a person would read, in lines that end in LF, without blank lines around it. The text is UTF-8 without
 *  NULs, whatever p is. Returns 0, or -EINVAL, with nothing appended, if p is not RTF. */
int rtf_to_plain(struct text *out, const char *p, size_t n);

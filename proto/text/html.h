/*
 * HTML of instant messages
 *
 * As plain text and back. Not a browser: tags only matter as far as they break lines or hide what is in them.
 */
#pragma once

#include <stddef.h>

struct text;

/** Append what a person would read, in lines that end in LF. Blank lines around it are left out. p is UTF-8 without
 *  NULs, and so is what is appended. */
void html_to_plain(struct text *out, const char *p, size_t n);

/** Append plain text as HTML that shows it: lines and runs of spaces are kept. */
void html_from_plain(struct text *out, const char *p, size_t n);

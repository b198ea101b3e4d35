/*
 * Character references of HTML
 *
 * &amp; &#228; &#xE4;: those of HTML 4.01, and any number. Some names are also understood without their semicolon,
 * as browsers do.
 */
#pragma once

#include <stddef.h>

struct text;

/** Append the character that the reference at p stands for. What is not a character that text may have becomes
 *  U+FFFD. Returns the length of the reference, or 0, with nothing appended, if there is none. */
size_t html_entity_add(struct text *out, const char *p, size_t n);

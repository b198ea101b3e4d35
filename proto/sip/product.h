/*
 * Products
 *
 * The value of Server and User-Agent (RFC 3261, 25.1): products and comments, separated by spaces.
 */
#pragma once

#include "proto/text/text.h"

/** Append what a program calls itself, so that it is valid whatever it says: of a product what is not in a token is left
 *  out, of a comment what cannot be in one; a bracket without its other half is left out. Appends nothing for NULL. */
void product_add(struct text *out, const char *s);

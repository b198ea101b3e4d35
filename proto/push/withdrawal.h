/*
 * Withdrawal
 *
 * How an app on Windows Phone hears that a toast is to go. MPNS has no word for it, so it is a raw notification, whose content
 * MPNS passes on as it is; this document is ours, versioned by its namespace:
 *
 *   <?xml version="1.0" encoding="utf-8"?>
 *   <withdrawal xmlns="urn:mcxd:withdrawal:1"><push>0b5ce4f2-7e3d-4c5a-9a53-0f6a5f1f7c11</push></withdrawal>
 *
 * push is the id of the push that is taken back, which was the X-MessageID of its toast and stands in the toast's Param.
 */
#pragma once

#include "proto/text/text.h"

#include <stddef.h>

#define WITHDRAWAL_NAMESPACE "urn:mcxd:withdrawal:1"

enum { WITHDRAWAL_ID_SIZE = 36 + 1 };

/** Append the document. */
void withdrawal_encode(struct text *out, const char *push);

/** Read it: the id of the push. Returns 0, or -EINVAL with a static sentence in *ret_why if it is another document. */
int withdrawal_decode(const void *p, size_t n, char ret_push[WITHDRAWAL_ID_SIZE],
		      const char **ret_why);

/*
 * Entity tags
 */
#include "proto/text/etag.h"

#include "proto/text/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define FNV_OFFSET 14695981039346656037ULL
#define FNV_PRIME  1099511628211ULL

/* FNV-1a, but of eight bytes at a time, whose high bits it would otherwise lose. Nobody gains from two texts with the
 * same tag: a client would only miss its own change. */
static uint64_t add(uint64_t hash, const char *p, size_t n)
{
	uint64_t eight;
	size_t i = 0;

	for (; n - i >= sizeof(eight); i += sizeof(eight)) {
		memcpy(&eight, p + i, sizeof(eight));
		hash = (hash ^ eight) * FNV_PRIME;
		hash ^= hash >> 32;
	}
	for (; i < n; i++)
		hash = (hash ^ (unsigned char)p[i]) * FNV_PRIME;
	return hash;
}

void etag_of_rest(const char *p, size_t n, size_t skip, size_t n_skip, char ret[ETAG_SIZE])
{
	uint64_t hash = add(FNV_OFFSET, p, skip);
	char digits[TEXT_NUMBER_SIZE];

	hash = add(hash, p + skip + n_skip, n - skip - n_skip);
	snprintf(ret, ETAG_SIZE, "%s", text_number(digits, hash));
}

void etag_of(const void *p, size_t n, char ret[ETAG_SIZE])
{
	etag_of_rest(p, n, 0, 0, ret);
}

bool etag_matches(const char *header, const char *tag)
{
	size_t n_tag = strlen(tag);

	for (const char *s = header; *(s += strspn(s, " \t,"));) {
		size_t n;

		if (*s == '*')
			return true;
		s += strncmp(s, "W/", 2) ? 0 : 2;
		s += *s == '"';
		n = strcspn(s, "\", \t");
		if (n == n_tag && !memcmp(s, tag, n))
			return true;
		s += n;
		s += *s == '"';
	}
	return false;
}

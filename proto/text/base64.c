/*
 * Base64
 */
#include "proto/text/base64.h"

#include "proto/text/text.h"

#include <errno.h>

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char for_urls[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode(struct text *out, const uint8_t *p, size_t n, const char *alphabet)
{
	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i < 3 ? n - i : 3;
		uint32_t bits = (uint32_t)p[i] << 16;
		char quad[4];

		if (left > 1)
			bits |= (uint32_t)p[i + 1] << 8;
		if (left > 2)
			bits |= p[i + 2];
		for (unsigned k = 0; k < 4; k++)
			quad[k] = alphabet[bits >> (18 - 6 * k) & 0x3F];
		text_add_bytes(out, quad, left + 1);
		if (alphabet == standard)
			text_add_bytes(out, "==", 3 - left);
	}
}

void base64_encode(struct text *out, const void *p, size_t n)
{
	encode(out, p, n, standard);
}

void base64_encode_url(struct text *out, const void *p, size_t n)
{
	encode(out, p, n, for_urls);
}

/* The six bits of a character, or -1. */
static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

static size_t without_padding(const char *s, size_t n)
{
	size_t bare = n;

	if (n % 4 == 0) {
		while (bare && n - bare < 2 && s[bare - 1] == '=')
			bare--;
	}
	return bare;
}

int base64_decode(struct text *out, const char *s, size_t n)
{
	size_t before = out->n;
	uint32_t bits = 0;
	unsigned n_bits = 0;
	bool good;

	n = without_padding(s, n);
	good = n % 4 != 1;
	for (size_t i = 0; good && i < n; i++) {
		int value = value_of(s[i]);

		good = value >= 0;
		bits = bits << 6 | ((uint32_t)value & 0x3F);
		n_bits += 6;
		if (good && n_bits >= 8) {
			uint8_t byte = (uint8_t)(bits >> (n_bits - 8));

			n_bits -= 8;
			text_add_bytes(out, &byte, 1);
		}
	}
	if (good && !(bits & ((1U << n_bits) - 1)))
		return 0;
	out->n = before;
	if (out->data)
		out->data[before] = '\0';
	return -EINVAL;
}

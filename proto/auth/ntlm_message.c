/*
 * NTLM: messages ([MS-NLMP] 2.2)
 */
#include "proto/auth/ntlm.h"

#include "proto/text/charset.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <errno.h>
#include <string.h>

static const char signature[8] = "NTLMSSP";

/* 2.2.2.5 */
enum flag {
	UNICODE = 0x1,
	REQUEST_TARGET = 0x4,
	SIGN = 0x10,
	DATAGRAM = 0x40,
	NTLM = 0x200,
	ALWAYS_SIGN = 0x8000,
	TARGET_IS_DOMAIN = 0x10000,
	EXTENDED_SESSION_SECURITY = 0x80000,
	IDENTIFY = 0x100000,
	TARGET_INFO = 0x800000,
	WITH_VERSION = 0x2000000,
	KEYS_OF_128 = 0x20000000,
	KEY_EXCHANGE = 0x40000000,
};
static const uint32_t keys_of_56 = 0x80000000; /* beyond an enum's int */

static const uint64_t us_from_1601 = UINT64_C(11644473600000000); /* to 1970 */

enum {
	IS_CHALLENGE = 2,
	IS_AUTHENTICATE = 3,
	CHALLENGE_HEAD = 56,
	AUTHENTICATE_HEAD = 64,
	TICKS_PER_US = 10, /* of a FILETIME */
	/* 2.2.2.7: the proof, then two versions, 6 bytes, the time, the client's nonce and 4 bytes before the pairs */
	PROOF_BYTES = 16,
	MIN_BLOB_BYTES = 28,
};

/* 2.2.2.1 */
enum av_id { AV_END, AV_COMPUTER, AV_DOMAIN, AV_DNS_COMPUTER, AV_DNS_DOMAIN, AV_TIMESTAMP = 7 };

/* ---- UTF-16 ---- */

static uint32_t read_utf8(const char *s, size_t n)
{
	static const unsigned char lead[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	uint32_t code = (unsigned char)s[0] & lead[n];

	for (size_t i = 1; i < n; i++)
		code = code << 6 | ((unsigned char)s[i] & 0x3F);
	return code;
}

/* Of the scripts whose letters have two cases in rows: Latin, Greek, Cyrillic. */
static uint32_t to_upper(uint32_t c)
{
	static const struct {
		uint32_t first, last, distance;
	} rows[] = {
		{ 'a', 'z', 32 },     { 0xE0, 0xF6, 32 },   { 0xF8, 0xFE, 32 },
		{ 0x3B1, 0x3C1, 32 }, { 0x3C3, 0x3C9, 32 }, { 0x430, 0x44F, 32 },
		{ 0x450, 0x45F, 80 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (c >= rows[i].first && c <= rows[i].last)
			return c - rows[i].distance;
	/* Pairs of neighbours, the capital first. */
	if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177))
		return c & ~(uint32_t)1;
	return c;
}

static void add16(struct text *out, uint32_t value)
{
	const unsigned char bytes[] = { (unsigned char)value, (unsigned char)(value >> 8) };

	text_add_bytes(out, bytes, sizeof(bytes));
}

static void add32(struct text *out, uint32_t value)
{
	add16(out, value & 0xFFFF);
	add16(out, value >> 16);
}

void ntlm_add_utf16(struct text *out, const char *s, bool upper)
{
	while (*s) {
		size_t n = utf8_sequence(s, strlen(s));
		uint32_t code = n ? read_utf8(s, n) : 0xFFFD;

		if (upper)
			code = to_upper(code);
		if (code >= 0x10000) {
			add16(out, 0xD800 + ((code - 0x10000) >> 10));
			add16(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
		} else {
			add16(out, code);
		}
		s += n ? n : 1;
	}
}

/* ---- the challenge ---- */

static void add_pair(struct text *out, enum av_id id, const char *value)
{
	CLEANUP(text_deinit) struct text utf16 = TEXT_INIT;

	ntlm_add_utf16(&utf16, value, false);
	add16(out, id);
	add16(out, (uint32_t)utf16.n);
	text_add_bytes(out, utf16.data, utf16.n);
}

static void add_target_info(struct text *out, const struct ntlm_challenge *c)
{
	uint64_t time = ((uint64_t)c->now_us + us_from_1601) * TICKS_PER_US;

	add_pair(out, AV_DOMAIN, c->domain);
	add_pair(out, AV_COMPUTER, c->computer);
	add_pair(out, AV_DNS_DOMAIN, c->dns_domain);
	add_pair(out, AV_DNS_COMPUTER, c->dns_computer);
	add16(out, AV_TIMESTAMP);
	add16(out, sizeof(time));
	add32(out, (uint32_t)time);
	add32(out, (uint32_t)(time >> 32));
	add32(out, AV_END);
}

/* 2.2.1.3: length, room and offset. */
static void add_place(struct text *out, size_t n, size_t offset)
{
	add16(out, (uint32_t)n);
	add16(out, (uint32_t)n);
	add32(out, (uint32_t)offset);
}

void ntlm_challenge_encode(struct text *out, const struct ntlm_challenge *c)
{
	static const unsigned char version[8] = { 6, 1, 0xB1, 0x1D, 0, 0, 0, 15 }; /* Windows 7 */
	CLEANUP(text_deinit) struct text name = TEXT_INIT;
	CLEANUP(text_deinit) struct text info = TEXT_INIT;

	ntlm_add_utf16(&name, c->domain, false);
	add_target_info(&info, c);
	text_add_bytes(out, signature, sizeof(signature));
	add32(out, IS_CHALLENGE);
	add_place(out, name.n, CHALLENGE_HEAD);
	add32(out, UNICODE | REQUEST_TARGET | SIGN | DATAGRAM | NTLM | ALWAYS_SIGN |
			   TARGET_IS_DOMAIN | EXTENDED_SESSION_SECURITY | IDENTIFY | TARGET_INFO |
			   WITH_VERSION | KEYS_OF_128 | KEY_EXCHANGE | keys_of_56);
	text_add_bytes(out, c->nonce, NTLM_NONCE_BYTES);
	add32(out, 0);
	add32(out, 0);
	add_place(out, info.n, CHALLENGE_HEAD + name.n);
	text_add_bytes(out, version, sizeof(version));
	text_add_bytes(out, name.data, name.n);
	text_add_bytes(out, info.data, info.n);
}

/* ---- the answer ---- */

struct reader {
	const unsigned char *p;
	size_t n;
};

static uint32_t get16(const unsigned char *p)
{
	return (uint32_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const unsigned char *p)
{
	return get16(p) | get16(p + 2) << 16;
}

/* What a place in the head leads to; NULL if that is beyond the message. */
static const unsigned char *follow(const struct reader *r, size_t at, size_t *ret_n)
{
	size_t n = get16(r->p + at), offset = get32(r->p + at + 4);

	*ret_n = n;
	return offset <= r->n && n <= r->n - offset ? r->p + offset : NULL;
}

enum { PLACE_NT = 20, PLACE_DOMAIN = 28, PLACE_USER = 36, PLACE_KEY = 52, AT_FLAGS = 60 };

static char *read_name(const struct reader *r, size_t at)
{
	CLEANUP(text_deinit) struct text name = TEXT_INIT;
	size_t n;
	const unsigned char *p = follow(r, at, &n);

	if (!p || n % 2 || charset_decode(&name, "utf-16le", (const char *)p, n) ||
	    memchr(text_str(&name), '\0', name.n))
		return NULL;
	return text_take(&name);
}

static const char *read_answer(const struct reader *r, struct ntlm_authenticate *ret)
{
	const uint32_t needed = UNICODE | SIGN | DATAGRAM | NTLM | EXTENDED_SESSION_SECURITY |
				KEYS_OF_128 | KEY_EXCHANGE;
	const unsigned char *nt, *key;
	size_t n, n_key;

	if (r->n < AUTHENTICATE_HEAD || memcmp(r->p, signature, sizeof(signature)) != 0 ||
	    get32(r->p + sizeof(signature)) != IS_AUTHENTICATE)
		return "It is not an AUTHENTICATE_MESSAGE of NTLM";
	ret->flags = get32(r->p + AT_FLAGS);
	if ((ret->flags & needed) != needed)
		return "The client did not agree to signatures with exchanged keys of 128 bits";
	nt = follow(r, PLACE_NT, &n);
	key = follow(r, PLACE_KEY, &n_key);
	ret->user = read_name(r, PLACE_USER);
	ret->domain = read_name(r, PLACE_DOMAIN);
	if (!nt || !key || !ret->user || !ret->domain || n_key != NTLM_KEY_BYTES)
		return "A field of the AUTHENTICATE_MESSAGE is malformed";
	if (n < PROOF_BYTES + MIN_BLOB_BYTES)
		return "The response is not one of NTLM version 2";
	ret->proof = (unsigned char *)mem_memdup(nt, n);
	ret->blob = ret->proof + PROOF_BYTES;
	ret->n_blob = n - PROOF_BYTES;
	memcpy(ret->session_key, key, NTLM_KEY_BYTES);
	return NULL;
}

int ntlm_authenticate_decode(const void *p, size_t n, struct ntlm_authenticate *ret,
			     const char **ret_why)
{
	const struct reader r = { p, n };

	*ret = (struct ntlm_authenticate){ 0 };
	*ret_why = n > NTLM_MAX_BYTES ? "The message is too long" : read_answer(&r, ret);
	if (!*ret_why)
		return 0;
	ntlm_authenticate_deinit(ret);
	return -EINVAL;
}

void ntlm_authenticate_deinit(struct ntlm_authenticate *a)
{
	free(a->domain);
	free(a->user);
	free(a->proof);
	*a = (struct ntlm_authenticate){ 0 };
}

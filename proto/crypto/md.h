/*
 * Message digests: MD5 (RFC 1321) and SHA-256 (FIPS 180-4), and HMAC with them (RFC 2104)
 */
#pragma once

#include <stddef.h>

enum md_kind { MD_MD5, MD_SHA256, N_MD_KINDS };
enum { MD_MD5_BYTES = 16, MD_MAX_BYTES = 32, MD_HEX_SIZE = 2 * MD_MAX_BYTES + 1 };

/** What digests of a kind are made with. It belongs to who makes many: without it OpenSSL searches its providers for the
 *  algorithm for each of them, which was measured to take three times as long as the digest of a token. */
struct md;

struct md *md_new(enum md_kind kind);
struct md *md_free(struct md *md); /* NULL is fine */

/** Bytes of a digest. */
size_t md_size(const struct md *md);

/** The digest of all pieces between md_begin() and md_end(), one at a time. */
void md_begin(struct md *md);
void md_add(struct md *md, const void *p, size_t n);
void md_end(struct md *md, unsigned char ret[MD_MAX_BYTES]);
/** The same in lower-case hex digits. */
void md_end_hex(struct md *md, char ret[MD_HEX_SIZE]);

/** The digest of n bytes, in lower-case hex digits. */
void md_hex(struct md *md, const void *p, size_t n, char ret[MD_HEX_SIZE]);
/** n bytes as such digits, and a NUL behind them. */
void md_format_hex(const unsigned char *bytes, size_t n, char *ret);

/** HMAC of n bytes under a key. */
void md_hmac(struct md *md, const void *key, size_t n_key, const void *p, size_t n,
	     unsigned char ret[MD_MAX_BYTES]);

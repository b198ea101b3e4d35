/*
 * Identities of endpoints
 *
 * The names by which Lync tells the endpoints of one user apart: the epid, the instance id derived
 * from it ([MS-SIPRE] 3.2.1, 4), the GRUU, and the address under which a phone asks for pushes.
 */
#pragma once

#include "proto/sip/uri.h"

#include <stdint.h>

struct text;

enum {
	IDENT_EPID_SIZE = 33, /* up to 32 characters, and a NUL */
	IDENT_UUID_SIZE = 37,
	IDENT_TOKEN_SIZE = 25, /* "<22 characters>AA" */
	IDENT_PUSH_SIZE = 33,  /* 32 hex digits */
};

/** Whether s can be an epid: 1 to 32 letters, digits, '-', '_' or '.'. */
bool ident_is_epid(const char *s);

/** The instance id (a UUID of version 5) that belongs to an epid. */
void ident_uuid(const char *epid, char ret[IDENT_UUID_SIZE]);

/** The same for any name, as bytes. */
void ident_uuid_bytes(const char *name, uint8_t ret[16]);

/** The UUID, in lower case, of a +sip.instance value such as "<urn:uuid:4B16…>", with or without
 * quotes. Returns 0 or -EINVAL. */
int ident_instance_decode(const char *value, char ret[IDENT_UUID_SIZE]);

/** Make the token of a GRUU from 16 random bytes: 22 characters of base64url, and "AA". False if it contains
 *  "CSeq", which SIPp takes for the header anywhere in a message: try other bytes. */
bool ident_gruu_token(const uint8_t random[16], char ret[IDENT_TOKEN_SIZE]);

/** Whether s is such a token. */
bool ident_is_gruu_token(const char *s);

/** Append "sip:user@host;opaque=user:epid:<token>;gruu". */
void ident_add_gruu(struct text *out, const char *aor, const char *token);

struct gruu {
	char aor[URI_MAX_AOR + 1];
	char token[IDENT_TOKEN_SIZE];
};

/** Decode such a GRUU (a URI, or a name-addr around it). Returns 0, 1 if it is another SIP URI, or -EINVAL. */
int ident_gruu_decode(const char *s, struct gruu *ret);

/** Append "sip:McxUser<32 hex digits>user@host", the sender of a push. */
void ident_add_mcx_user(struct text *out, const char *push_identity, const char *aor);

struct mcx_user {
	char push_identity[IDENT_PUSH_SIZE]; /* lower case */
	char aor[URI_MAX_AOR + 1];
};

/** Decode such an address (a URI, or a name-addr around it). Returns 0, 1 if it is another SIP URI, or
 *  -EINVAL. */
int ident_mcx_user_decode(const char *s, struct mcx_user *ret);

/** Whether s is 32 hex digits. */
bool ident_is_push_identity(const char *s);

/*
 * Identities of endpoints
 */
#include "proto/sip/ident.h"

#include "proto/sip/name_addr.h"
#include "proto/sip/uri.h"
#include "proto/text/base64.h"
#include "proto/text/chars.h"
#include "proto/text/text.h"

#include <errno.h>
#include <openssl/sha.h>
#include <strings.h>

#define GRUU_OPAQUE    "user:epid:"
#define MCX_PREFIX     "McxUser"
#define INSTANCE_START "urn:uuid:"

bool ident_is_epid(const char *s)
{
	size_t n;

	for (n = 0; s[n]; n++) {
		if (n == IDENT_EPID_SIZE - 1 || (!chars_is_alnum(s[n]) && !strchr("-_.", s[n])))
			return false;
	}
	return n > 0;
}

static void format_uuid(const uint8_t b[16], char ret[IDENT_UUID_SIZE])
{
	snprintf(ret, IDENT_UUID_SIZE,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		 b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		 b[15]);
}

static void swap(uint8_t *a, uint8_t *b)
{
	uint8_t c = *a;

	*a = *b;
	*b = c;
}

void ident_uuid_bytes(const char *name, uint8_t ret[16])
{
	/* fcacfb03-8a73-46ef-91b1-e5ebeeaba4fe as Windows keeps a GUID in memory: its first three fields
	 * little-endian. The hash is read in the same way, so that these UUIDs differ from those of
	 * RFC 4122, 4.3 for the same namespace and name. */
	static const uint8_t namespace[16] = { 0x03, 0xfb, 0xac, 0xfc, 0x73, 0x8a, 0xef, 0x46,
					       0x91, 0xb1, 0xe5, 0xeb, 0xee, 0xab, 0xa4, 0xfe };
	uint8_t digest[SHA_DIGEST_LENGTH];
	struct text whole = TEXT_INIT;

	text_add_bytes(&whole, namespace, sizeof(namespace));
	text_add(&whole, name);
	SHA1((const unsigned char *)whole.data, whole.n, digest);
	text_deinit(&whole);
	swap(&digest[0], &digest[3]);
	swap(&digest[1], &digest[2]);
	swap(&digest[4], &digest[5]);
	swap(&digest[6], &digest[7]);
	digest[6] = (uint8_t)((digest[6] & 0x0F) | 0x50);
	digest[8] = (uint8_t)((digest[8] & 0x3F) | 0x80);
	memcpy(ret, digest, 16);
}

void ident_uuid(const char *epid, char ret[IDENT_UUID_SIZE])
{
	uint8_t bytes[16];

	ident_uuid_bytes(epid, bytes);
	format_uuid(bytes, ret);
}

static int read_uuid(const char *s, char ret[IDENT_UUID_SIZE])
{
	for (size_t i = 0; i < IDENT_UUID_SIZE - 1; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen ? s[i] != '-' : chars_hex(s[i]) < 0)
			return -EINVAL;
		ret[i] = chars_lower(s[i]);
	}
	ret[IDENT_UUID_SIZE - 1] = '\0';
	return 0;
}

int ident_instance_decode(const char *value, char ret[IDENT_UUID_SIZE])
{
	const char *s = value;
	char uuid[IDENT_UUID_SIZE];
	bool quoted = *s == '"';
	int r;

	s += quoted;
	if (*s++ != '<' || strncasecmp(s, INSTANCE_START, strlen(INSTANCE_START)) != 0)
		return -EINVAL;
	s += strlen(INSTANCE_START);
	r = read_uuid(s, uuid);
	if (r || strcmp(s + IDENT_UUID_SIZE - 1, quoted ? ">\"" : ">") != 0)
		return -EINVAL;
	memcpy(ret, uuid, sizeof(uuid));
	return 0;
}

bool ident_gruu_token(const uint8_t random[16], char ret[IDENT_TOKEN_SIZE])
{
	uint8_t bytes[18] = { 0 };
	struct text token = TEXT_INIT;

	/* Two zero bytes after the identifier give the "AA" that every GRUU of Lync ends in. */
	memcpy(bytes, random, 16);
	base64_encode_url(&token, bytes, sizeof(bytes));
	memcpy(ret, text_str(&token), IDENT_TOKEN_SIZE);
	text_deinit(&token);
	return !strcasestr(ret, "CSeq");
}

bool ident_is_gruu_token(const char *s)
{
	for (size_t i = 0; i < IDENT_TOKEN_SIZE - 3; i++) {
		if (!chars_is_alnum(s[i]) && s[i] != '-' && s[i] != '_')
			return false;
	}
	return !strcmp(s + IDENT_TOKEN_SIZE - 3, "AA");
}

void ident_add_gruu(struct text *out, const char *aor, const char *token)
{
	uri_add_aor(out, aor);
	text_add_all(out, ";opaque=" GRUU_OPAQUE, token, ";gruu");
}

/* The SIP URI in a name-addr, or one without brackets, whose parameters are its own. */
static int decode_uri(const char *s, struct uri *ret)
{
	struct name_addr a;

	if (!strchr(s, '<'))
		return uri_decode(s, strlen(s), ret, NULL);
	if (name_addr_decode(s, &a, NULL))
		return -EINVAL;
	return uri_decode(a.uri, a.n_uri, ret, NULL);
}

/* user may point into u. */
static int make_aor(const struct uri *u, const char *user, char ret[URI_MAX_AOR + 1])
{
	char *p = ret;

	if (!*user)
		return -EINVAL;
	for (; *user; user++)
		*p++ = chars_lower(*user);
	*p++ = '@';
	memcpy(p, u->host, strlen(u->host) + 1);
	return 0;
}

int ident_gruu_decode(const char *s, struct gruu *ret)
{
	char opaque[sizeof(GRUU_OPAQUE) + IDENT_TOKEN_SIZE];
	struct gruu g = { 0 };
	char empty[2];
	struct uri u;

	if (decode_uri(s, &u))
		return -EINVAL;
	if (uri_param(&u, "gruu", empty, sizeof(empty)) ||
	    uri_param(&u, "opaque", opaque, sizeof(opaque)) ||
	    strncasecmp(opaque, GRUU_OPAQUE, strlen(GRUU_OPAQUE)) != 0 ||
	    !ident_is_gruu_token(opaque + strlen(GRUU_OPAQUE)))
		return 1;
	if (make_aor(&u, u.user, g.aor))
		return -EINVAL;
	memcpy(g.token, opaque + strlen(GRUU_OPAQUE), sizeof(g.token));
	*ret = g;
	return 0;
}

bool ident_is_push_identity(const char *s)
{
	for (size_t i = 0; i < IDENT_PUSH_SIZE - 1; i++) {
		if (chars_hex(s[i]) < 0)
			return false;
	}
	return !s[IDENT_PUSH_SIZE - 1];
}

void ident_add_mcx_user(struct text *out, const char *push_identity, const char *aor)
{
	struct text uri = TEXT_INIT;

	uri_add_aor(&uri, aor);
	text_add_all(out, "sip:" MCX_PREFIX, push_identity, text_str(&uri) + strlen("sip:"));
	text_deinit(&uri);
}

int ident_mcx_user_decode(const char *s, struct mcx_user *ret)
{
	struct mcx_user m = { 0 };
	const char *identity;
	struct uri u;

	if (decode_uri(s, &u))
		return -EINVAL;
	if (strncasecmp(u.user, MCX_PREFIX, strlen(MCX_PREFIX)) != 0)
		return 1;
	identity = u.user + strlen(MCX_PREFIX);
	for (size_t i = 0; i < IDENT_PUSH_SIZE - 1; i++) {
		if (chars_hex(identity[i]) < 0)
			return 1;
		m.push_identity[i] = chars_lower(identity[i]);
	}
	if (make_aor(&u, identity + IDENT_PUSH_SIZE - 1, m.aor))
		return 1;
	*ret = m;
	return 0;
}

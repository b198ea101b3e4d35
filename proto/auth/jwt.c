/*
 * JSON Web Tokens signed with ES256
 */
#include "proto/auth/jwt.h"

#include "proto/crypto/es256.h"
#include "proto/text/base64.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <json-c/json.h>

#define ALGORITHM "ES256"

/* The header may hold a key ("jwk"), which is an object, and claims may hold more; nothing of that is read. */
enum { JSON_DEPTH = 4, SIGNATURE_CHARACTERS = 86 };

void jwt_deinit(struct jwt *t)
{
	free(t->key_id);
	free(t->issuer);
	free(t->audience);
	*t = (struct jwt){ .issued_s = -1, .expires_s = -1, .not_before_s = -1 };
}

/* RFC 7515, 2: the alphabet for URLs without padding, and no other spelling of the same bytes. */
static bool decode_part(struct text *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] == '+' || s[i] == '/' || s[i] == '=')
			return false;
	return base64_decode(out, s, n) == 0;
}

/* One of the two JSON objects; the caller's. NULL: it is not one. */
static struct json_object *read_object(const char *s, size_t n)
{
	CLEANUP(text_deinit) struct text json = TEXT_INIT;
	struct json_object *o;
	const char *why;

	if (!decode_part(&json, s, n) ||
	    json_in_object(text_str(&json), json.n, JSON_DEPTH, &o, &why) < 0)
		return NULL;
	return o;
}

/* Names are exact (RFC 7519, 10.1.1): json_in_find() would take "ALG" for "alg". */
static struct json_object *find(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return value;
}

static bool read_string(struct json_object *o, const char *name, char **ret)
{
	struct json_object *value = find(o, name);

	if (!value)
		return true;
	if (!json_object_is_type(value, json_type_string))
		return false;
	*ret = mem_strdup(json_object_get_string(value));
	return true;
}

/* RFC 7519, 2 (NumericDate): fractions are allowed. */
static bool read_time(struct json_object *o, const char *name, int64_t *ret)
{
	struct json_object *value = find(o, name);

	if (!value)
		return true;
	if (!json_object_is_type(value, json_type_int) &&
	    !json_object_is_type(value, json_type_double))
		return false;
	*ret = json_object_get_int64(value);
	return *ret >= 0;
}

static const char *read_header(struct jwt *t, struct json_object *header)
{
	CLEANUP(mem_free_string) char *algorithm = NULL;

	if (!read_string(header, "alg", &algorithm) || !algorithm ||
	    strcmp(algorithm, ALGORITHM) != 0)
		return "The token's algorithm is not " ALGORITHM;
	/* RFC 7515, 4.1.11: extensions that must be understood. */
	if (find(header, "crit"))
		return "The token asks for an extension";
	return read_string(header, "kid", &t->key_id) ? NULL : "The token's kid is not a string";
}

static const char *read_claims(struct jwt *t, struct json_object *claims)
{
	struct json_object *audience = find(claims, "aud");

	if (!read_string(claims, "iss", &t->issuer))
		return "The token's iss is not a string";
	if (audience)
		t->audience = mem_strdup(json_object_get_string(audience));
	if (!read_time(claims, "iat", &t->issued_s) || !read_time(claims, "exp", &t->expires_s) ||
	    !read_time(claims, "nbf", &t->not_before_s))
		return "A time of the token is not a number of seconds";
	return NULL;
}

static const char *read_signature(struct jwt *t, const char *s, size_t n)
{
	CLEANUP(text_deinit) struct text bytes = TEXT_INIT;

	if (n != SIGNATURE_CHARACTERS || !decode_part(&bytes, s, n) ||
	    bytes.n != ES256_SIGNATURE_BYTES)
		return "The token's signature is not one of " ALGORITHM;
	memcpy(t->signature, bytes.data, ES256_SIGNATURE_BYTES);
	return NULL;
}

static const char *decode(const char *s, size_t n, struct jwt *t)
{
	const char *first = memchr(s, '.', n);
	const char *second = first ? memchr(first + 1, '.', n - (size_t)(first + 1 - s)) : NULL;
	struct json_object *header, *claims;
	const char *why;

	if (!second)
		return "The token does not have three parts";
	header = read_object(s, (size_t)(first - s));
	why = header ? read_header(t, header) : "The token's header is not a JSON object";
	json_object_put(header);
	if (why)
		return why;
	claims = read_object(first + 1, (size_t)(second - first - 1));
	why = claims ? read_claims(t, claims) : "The token's claims are not a JSON object";
	json_object_put(claims);
	t->n_signed = (size_t)(second - s);
	return why ? why : read_signature(t, second + 1, n - t->n_signed - 1);
}

int jwt_decode(const char *s, size_t n, struct jwt *ret, const char **ret_why)
{
	struct jwt t = { .issued_s = -1, .expires_s = -1, .not_before_s = -1 };
	const char *why = n > JWT_MAX_BYTES ? "The token is too long" : decode(s, n, &t);

	if (why) {
		*ret_why = why;
		jwt_deinit(&t);
	}
	*ret = t;
	return why ? -EINVAL : 0;
}

/* Takes the object over. */
static void add_part(struct text *out, struct json_object *o)
{
	const char *json = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);

	base64_encode_url(out, json, strlen(json));
	json_object_put(o);
}

void jwt_encode(struct text *out, const char *key_id, const char *issuer, int64_t issued_s,
		const struct es256_key *key)
{
	struct json_object *header = json_object_new_object();
	struct json_object *claims = json_object_new_object();
	unsigned char signature[ES256_SIGNATURE_BYTES];
	size_t start = out->n;

	json_out_string(header, "alg", ALGORITHM);
	json_out_string(header, "kid", key_id);
	json_out_string(claims, "iss", issuer);
	json_out_int(claims, "iat", issued_s);
	add_part(out, header);
	text_add(out, ".");
	add_part(out, claims);
	es256_sign(key, out->data + start, out->n - start, signature);
	text_add(out, ".");
	base64_encode_url(out, signature, sizeof(signature));
}

static bool is_same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

enum jwt_verdict jwt_check(const char *s, const struct jwt *t, const struct jwt_rules *rules)
{
	if (!is_same(t->key_id, rules->key_id))
		return JWT_OTHER_KEY;
	if (!es256_verify(rules->key, s, t->n_signed, t->signature))
		return JWT_BAD_SIGNATURE;
	if (!is_same(t->issuer, rules->issuer))
		return JWT_OTHER_ISSUER;
	return t->audience ? JWT_OTHER_AUDIENCE : JWT_GOOD;
}

enum jwt_verdict jwt_check_time(const struct jwt *t, const struct jwt_rules *rules, int64_t now_s)
{
	if (t->issued_s < 0)
		return JWT_NO_TIME;
	if (t->issued_s > now_s + rules->max_ahead_s ||
	    (t->not_before_s >= 0 && t->not_before_s > now_s + rules->max_ahead_s))
		return JWT_EARLY;
	if (now_s - t->issued_s > rules->max_age_s || (t->expires_s >= 0 && now_s >= t->expires_s))
		return JWT_EXPIRED;
	return JWT_GOOD;
}

const char *jwt_verdict_text(enum jwt_verdict verdict)
{
	static const char *const sentences[N_JWT_VERDICTS] = {
		[JWT_GOOD] = "The token is good",
		[JWT_OTHER_KEY] = "The token's kid is not a known key",
		[JWT_BAD_SIGNATURE] = "The token's signature is wrong",
		[JWT_OTHER_ISSUER] = "The token's iss is not the key's team",
		[JWT_OTHER_AUDIENCE] = "The token is for another audience",
		[JWT_NO_TIME] = "The token does not say when it was issued",
		[JWT_EXPIRED] = "The token is too old",
		[JWT_EARLY] = "The token is from the future",
	};

	return sentences[verdict];
}

/*
 * Prefixes
 */
#include "mcxd/net/prefixes.h"

#include "mcxd/net/address.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/words.h"

#include <netinet/in.h>

enum { V4_BITS = 32, V6_BITS = 128, MAPPED_BITS = V6_BITS - V4_BITS };

/* As IPv6: of IPv4, the mapped address. */
struct prefix {
	unsigned char bytes[sizeof(struct in6_addr)];
	int n_bits;
};

struct prefixes {
	size_t n;
	struct prefix all[];
};

static void take_address(const struct address *a, unsigned char ret[sizeof(struct in6_addr)])
{
	static const unsigned char mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };

	if (a->any.sa_family == AF_INET6) {
		memcpy(ret, &a->v6.sin6_addr, sizeof(a->v6.sin6_addr));
		return;
	}
	memcpy(ret, mapped, sizeof(mapped));
	memcpy(ret + sizeof(mapped), &a->v4.sin_addr, sizeof(a->v4.sin_addr));
}

static bool begins_alike(const unsigned char *a, const unsigned char *b, int n_bits)
{
	int n = n_bits / 8, rest = n_bits % 8;

	return memcmp(a, b, (size_t)n) == 0 &&
	       (rest == 0 || ((a[n] ^ b[n]) & (0xFF << (8 - rest)) & 0xFF) == 0);
}

/* Whether the bits behind the prefix are zero: 10.0.0.1/8 is most likely an error. */
static bool ends_in_zeros(const struct prefix *p)
{
	for (int i = p->n_bits; i < V6_BITS; i++)
		if (p->bytes[i / 8] & (0x80 >> i % 8))
			return false;
	return true;
}

static bool read_one(char *word, struct prefix *ret)
{
	char *bits = strchr(word, '/');
	struct address a;
	int64_t n_bits;
	int max;

	if (bits)
		*bits++ = '\0';
	if (!address_read_host(word, &a))
		return false;
	max = a.any.sa_family == AF_INET6 ? V6_BITS : V4_BITS;
	n_bits = max;
	if (bits && !text_to_int(bits, 0, max, &n_bits))
		return false;
	take_address(&a, ret->bytes);
	ret->n_bits = (int)n_bits + (max == V4_BITS ? MAPPED_BITS : 0);
	return ends_in_zeros(ret);
}

struct prefixes *prefixes_read(const char *list, struct text *why)
{
	CLEANUP(words_free) char **words = words_split(list);
	struct prefixes *p = mem_zalloc(sizeof(*p) + words_count(words) * sizeof(struct prefix));

	for (char **word = words; *word; word++) {
		CLEANUP(mem_free_string) char *given = mem_strdup(*word);

		if (read_one(*word, &p->all[p->n++]))
			continue;
		text_addf(why,
			  "\"%s\" is neither an address nor a network; expected a list with spaces "
			  "or "
			  "commas in between, such as 127.0.0.1 10.0.0.0/8 (behind the prefix all "
			  "bits are zero)",
			  given);
		return prefixes_free(p);
	}
	return p;
}

struct prefixes *prefixes_free(struct prefixes *p)
{
	free(p);
	return NULL;
}

bool prefixes_contain(const struct prefixes *p, const struct address *a)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	if (!p || p->n == 0)
		return false;
	take_address(a, bytes);
	for (size_t i = 0; i < p->n; i++)
		if (begins_alike(p->all[i].bytes, bytes, p->all[i].n_bits))
			return true;
	return false;
}

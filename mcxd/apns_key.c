/*
 * APNs key
 */
#include "mcxd/apns_key.h"

#include "mcxd/base/log.h"
#include "mcxd/checks.h"
#include "proto/crypto/es256.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <stdio.h>

enum { MAX_BYTES = 8192 };

static struct es256_key *read_key(const char *path, struct text *why)
{
	char pem[MAX_BYTES];
	struct es256_key *key = NULL;
	const char *wrong = NULL;
	FILE *file;
	size_t n;

	checks_file(path, why);
	if (why->n)
		return NULL;
	file = fopen(path, "re");
	n = file ? fread(pem, 1, sizeof(pem), file) : 0;
	if (file)
		fclose(file);
	if (es256_key_read(pem, n, &key, &wrong) < 0) {
		text_add_all(why, path, ": ", wrong);
		return NULL;
	}
	if (es256_key_can_sign(key))
		return key;
	es256_key_free(key);
	text_add_all(why, path, " has no private key");
	return NULL;
}

int apns_key_load(const char *path, struct es256_key **ret)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	*ret = *path ? read_key(path, &why) : NULL;
	if (!why.n)
		return 0;
	log_error("mcxd", NULL, "clearing_house.apns_key_file: %s", text_str(&why));
	return -EINVAL;
}

void apns_key_check(const char *path, struct text *why)
{
	if (*path)
		es256_key_free(read_key(path, why));
}

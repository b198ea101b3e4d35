/*
 * Webhook file
 */
#include "mcxd/webhook_file.h"

#include "mcxd/base/file.h"
#include "mcxd/base/log.h"
#include "mcxd/base/random.h"
#include "mcxd/token.h"
#include "proto/auth/webhook.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <unistd.h>

enum { MODE = 0600 };

static int make(const char *path)
{
	struct webhook_secret secret = { .n = WEBHOOK_NEW_SECRET };
	CLEANUP(text_deinit) struct text line = TEXT_INIT;

	random_bytes(secret.bytes, secret.n);
	webhook_secret_encode(&line, &secret);
	text_add(&line, "\n");
	return file_replace(path, line.data, line.n, MODE);
}

static bool read_secret(const char *path, struct webhook_secret *ret, struct text *why)
{
	CLEANUP(mem_free_string) char *line = token_read(path, why);
	const char *wrong;

	if (!line)
		return false;
	if (webhook_secret_decode(line, ret, &wrong) == 0)
		return true;
	text_add_all(why, path, ": ", wrong);
	return false;
}

int webhook_file_load(const char *path, struct webhook_secret *ret)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	int err = access(path, F_OK) < 0 && errno == ENOENT ? make(path) : 0;

	if (err) {
		log_error("mcxd", NULL, "cannot write the secret of webhooks to %s: %s", path,
			  strerror(-err));
		return err;
	}
	if (read_secret(path, ret, &why))
		return 0;
	log_error("mcxd", NULL, "clearing_house.webhook_secret_file: %s", text_str(&why));
	return -EINVAL;
}

void webhook_file_check(const char *path, struct text *why)
{
	struct webhook_secret secret;

	if (*path && access(path, F_OK) == 0)
		read_secret(path, &secret, why);
}

/*
 * Identity
 */
#include "mcxd/identity.h"

#include "mcxd/base/log.h"
#include "mcxd/checks.h"
#include "mcxd/net/pki.h"
#include "mcxd/net/tls.h"
#include "mcxd/settings.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/words.h"

#include <errno.h>

static int complain(const char *section, int err, const struct text *why)
{
	if (err)
		log_error("mcxd", NULL, "%s.tls: %s", section, text_str(why));
	return err;
}

/* The lab's own authority, and the others. */
static const char **name_authorities(const char *own, char *const *others, size_t *ret_n)
{
	const char **files = mem_zalloc((1 + words_count(others)) * sizeof(*files));
	size_t n = 0;

	files[n++] = own;
	for (; *others; others++)
		files[n++] = *others;
	*ret_n = n;
	return files;
}

int identity_init(struct identity *i, const struct identity_args *args)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	CLEANUP(words_free) char **trust = words_split(args->trust);
	CLEANUP(words_free) char **allow = words_split(args->any_name ? "" : args->policy->allow);
	size_t n_files;
	const char **files = name_authorities(args->authority, trust, &n_files);
	const struct tls_config config = {
		.cert_file = args->pair->cert,
		.key_file = args->pair->key,
		.ca_files = files,
		.n_ca_files = n_files,
		.client = (enum tls_client)checks_tls_client(args->policy->client),
		.allow = (const char *const *)allow,
		.n_allow = words_count(allow),
		.any_name = args->any_name,
		.alpn = args->alpn,
	};
	int err = tls_server_new(&config, &why, &i->server);

	if (!err)
		err = tls_client_new(&config, &why, &i->client);
	free(files);
	return complain(args->section, err, &why);
}

int identity_init_unasking(struct identity *i, const struct identity_args *args)
{
	char none[] = "none", nobody[] = "";
	struct tls_settings policy = *args->policy;
	struct identity_args unasking = *args;

	policy.client = none;
	policy.allow = nobody;
	unasking.policy = &policy;
	return identity_init(i, &unasking);
}

void identity_reload(struct identity *i, const char *section)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	int err = i->server ? tls_context_reload(i->server, &why) : 0;

	if (!err && i->client)
		err = tls_context_reload(i->client, &why);
	if (err)
		text_add(&why, "; the old certificate stays in use");
	complain(section, err, &why);
}

void identity_deinit(struct identity *i)
{
	i->server = tls_context_free(i->server);
	i->client = tls_context_free(i->client);
}

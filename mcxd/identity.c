/*
 * Identity
 */
#include "mcxd/identity.h"

#include "mcxd/base/log.h"
#include "mcxd/net/pki.h"
#include "mcxd/net/tls.h"
#include "mcxd/settings.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

enum { MAX_WORDS = 64 };

/* The words of a list; they live in *copy. */
static size_t split(char **copy, const char *list, const char *words[], size_t max)
{
	char *rest = *copy = mem_strdup(list), *word;
	size_t n = 0;

	while (n < max && (word = strsep(&rest, ", ")))
		if (*word)
			words[n++] = word;
	return n;
}

static int complain(const char *section, int err, const struct text *why)
{
	if (err)
		log_error("mcxd", NULL, "%s.tls: %s", section, text_str(why));
	return err;
}

int identity_init(struct identity *i, const struct identity_args *args)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	CLEANUP(mem_free_string) char *trust = NULL;
	CLEANUP(mem_free_string) char *allow = NULL;
	const char *ca_files[MAX_WORDS] = { args->authority }, *names[MAX_WORDS];
	struct tls_config config = {
		.cert_file = args->pair->cert,
		.key_file = args->pair->key,
		.ca_files = ca_files,
		.client = (enum tls_client)settings_tls_client(args->policy->client),
		.allow = names,
	};
	int err;

	config.n_ca_files = 1 + split(&trust, args->trust, ca_files + 1, MAX_WORDS - 1);
	config.n_allow = split(&allow, args->policy->allow, names, MAX_WORDS);
	err = tls_server_new(&config, &why, &i->server);
	if (!err)
		err = tls_client_new(&config, &why, &i->client);
	return complain(args->section, err, &why);
}

void identity_reload(struct identity *i, const char *section)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	int err = i->server ? tls_context_reload(i->server, &why) : 0;

	if (!err && i->client)
		err = tls_context_reload(i->client, &why);
	if (complain(section, err, &why))
		log_error("mcxd", NULL, "%s.tls: the old certificate stays in use", section);
}

void identity_deinit(struct identity *i)
{
	i->server = tls_context_free(i->server);
	i->client = tls_context_free(i->client);
}

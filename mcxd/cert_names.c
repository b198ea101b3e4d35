/*
 * Names in a certificate
 */
#include "mcxd/cert_names.h"

#include "mcxd/base/log.h"
#include "mcxd/net/address.h"
#include "mcxd/net/interfaces.h"
#include "mcxd/net/pki.h"
#include "proto/text/mem.h"
#include "proto/text/words.h"

#include <strings.h>

static void add_to(char ***names, size_t *n_names, const char *name)
{
	for (size_t i = 0; i < *n_names; i++)
		if (!strcasecmp((*names)[i], name))
			return;
	*names = mem_realloc(*names, (*n_names + 1) * sizeof(**names));
	(*names)[(*n_names)++] = mem_strdup(name);
}

static void add_address(struct cert_names *n, const struct address *a)
{
	char host[ADDRESS_TEXT_SIZE];

	add_to(&n->ips, &n->n_ips, address_format_host(a, false, host));
}

void cert_names_add(struct cert_names *n, const char *name)
{
	struct address a;

	if (address_read_host(name, &a))
		add_address(n, &a);
	else
		add_to(&n->dns, &n->n_dns, name);
}

void cert_names_add_list(struct cert_names *n, const char *list)
{
	CLEANUP(words_free) char **words = words_split(list);

	for (char **word = words; *word; word++)
		cert_names_add(n, *word);
}

struct everywhere {
	struct cert_names *names;
	bool v6_too;
};

static void on_interface(void *magic, const struct address *a)
{
	const struct everywhere *e = magic;

	if (e->v6_too || a->any.sa_family == AF_INET)
		add_address(e->names, a);
}

/* A listener on :: may take IPv4 as well. */
static void add_everywhere(struct cert_names *n, const struct address *any)
{
	struct everywhere e = { n, any->any.sa_family == AF_INET6 };
	int err = interfaces_each(on_interface, &e);

	if (err)
		log_warn("mcxd", NULL,
			 "cannot list the addresses of this machine for certificates: %s",
			 strerror(-err));
}

void cert_names_add_listener(struct cert_names *n, const char *listen)
{
	struct address a;

	if (!address_read(listen, &a))
		return;
	if (address_is_any(&a))
		add_everywhere(n, &a);
	else
		add_address(n, &a);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct pki_names cert_names_get(struct cert_names *n)
{
	if (n->n_ips > 0)
		qsort(n->ips, n->n_ips, sizeof(*n->ips), compare);
	return (struct pki_names){ (const char *const *)n->dns, n->n_dns,
				   (const char *const *)n->ips, n->n_ips };
}

void cert_names_deinit(struct cert_names *n)
{
	for (size_t i = 0; i < n->n_dns; i++)
		free(n->dns[i]);
	for (size_t i = 0; i < n->n_ips; i++)
		free(n->ips[i]);
	free(n->dns);
	free(n->ips);
	*n = (struct cert_names){ 0 };
}

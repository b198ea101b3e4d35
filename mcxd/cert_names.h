/*
 * Names in a certificate
 *
 * DNS names and addresses, each once; addresses in a fixed order, so that the same ones make the same certificate.
 */
#pragma once

#include <stddef.h>

struct pki_names;

/** Zeroed is empty. */
struct cert_names {
	char **dns, **ips;
	size_t n_dns, n_ips;
};

/** Add a DNS name or an address. */
void cert_names_add(struct cert_names *n, const char *name);

/** Add each of a list of them. */
void cert_names_add_list(struct cert_names *n, const char *list);

/** Add the address of a listener, "127.0.0.1:5061" or nothing. One that listens everywhere is reached by every address of
 *  this machine. */
void cert_names_add_listener(struct cert_names *n, const char *listen);

/** As mcxd/net wants them; they live as long as these. */
struct pki_names cert_names_get(struct cert_names *n);

void cert_names_deinit(struct cert_names *n);

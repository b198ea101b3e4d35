/*
 * PKI
 *
 * The lab's own certificate authority, and the certificates that it signs: one for each role of the lab. A pair is two files in a
 * directory, NAME.key (mode 0600) and NAME.pem (0644). To trust the lab is to trust the authority's ca.pem.
 */
#pragma once

#include <stddef.h>

struct pki_names {
	const char *const *dns; /* the first is also the subject's common name */
	size_t n_dns;           /* at least 1 */
	const char *const *ips; /* IPv4 or IPv6 addresses */
	size_t n_ips;
};

/** Paths of a certificate and its key. */
struct pki_pair {
	char *cert, *key;
};

void pki_pair_deinit(struct pki_pair *pair);

/* A pair is made anew if a file of it is missing or holds something else, if it expires within 30 days, if key and
 * certificate do not fit, or if the names differ. Keys are P-256. Validity goes by the machine's clock and starts an hour
 * ago. Files are replaced whole. The functions return 0 with the paths in *ret, which may be NULL; or a negative errno,
 * having logged which file failed. */

/** Make sure that the directory, whose parent exists, has a valid authority in ca.key and ca.pem: a CA for ten
 *  years. */
int pki_ensure_authority(const char *dir, struct pki_pair *ret);

/** Make sure that the directory has a certificate for one year with exactly these names, signed by this authority, in
 *  NAME.key and NAME.pem; a new authority entails a new certificate. */
int pki_ensure_certificate(const char *dir, const char *name, const struct pki_names *names,
			   const struct pki_pair *authority, struct pki_pair *ret);

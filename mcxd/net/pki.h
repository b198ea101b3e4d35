/*
 * PKI
 *
 * The lab's own certificate authority, and the certificate that it signs for this server. They are four files in
 * a directory: ca.key and server.key (mode 0600), ca.pem and server.pem (0644). To trust the lab is to trust
 * ca.pem.
 */
#pragma once

#include <stddef.h>

struct pki_names {
	const char *const *dns; /* the first is also the subject's common name */
	size_t n_dns;           /* at least 1 */
	const char *const *ips; /* IPv4 or IPv6 addresses */
	size_t n_ips;
};

struct pki_files {
	char *ca_key, *ca_cert;
	char *server_key, *server_cert;
};

/** Make sure that all four files are there and valid: P-256 keys, a CA for ten years, a certificate for one year
 *  with exactly these names. A pair is made anew if a file of it is missing or holds something else, if it
 *  expires within 30 days, if key and certificate do not fit, or if the names differ; a new CA entails a new
 *  certificate. Validity goes by the machine's clock and starts an hour ago. The directory is created if its
 *  parent exists. Files are replaced whole. Returns 0 with the paths in ret, which may be NULL; or a negative
 *  errno, having logged which file failed. */
int pki_ensure(const char *dir, const struct pki_names *names, struct pki_files *ret);

void pki_files_deinit(struct pki_files *files);

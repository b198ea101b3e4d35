/*
 * PKI
 *
 * The lab's own certification authority, and the certificate that it signs for this server. Four
 * files in a directory: ca.key and server.key (0600), ca.pem and server.pem (0644). Whoever is to
 * trust the lab trusts ca.pem.
 */
#pragma once

#include <stddef.h>

struct pki_names {
	const char *const *dns; /* the first is the subject's common name, too */
	size_t n_dns;           /* at least 1 */
	const char *const *ips; /* IPv4 or IPv6 addresses */
	size_t n_ips;
};

struct pki_files {
	char *ca_key, *ca_cert;
	char *server_key, *server_cert;
};

/** See to it that all four are there and good: P-256 keys, a CA for ten years, a certificate for
 * one year that has exactly these names. What is there is left alone, unless it is missing,
 * unreadable as what it should be, expires within 30 days, has other names, or does not fit
 * together; then it is made anew (a new CA makes a new certificate, too). Validity is of the
 * machine's real clock, and starts an hour ago. The directory is made, if its parent is there.
 * Files are replaced whole. Returns 0 with the paths in ret, which may be NULL; or a negative
 * errno, having logged which file it was. */
int pki_ensure(const char *dir, const struct pki_names *names, struct pki_files *ret);

void pki_files_deinit(struct pki_files *files);

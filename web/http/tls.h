/*
 * HTTP server: TLS
 *
 * libmicrohttpd keeps one set of credentials for the whole life of a daemon. Here each session gets
 * the server's current credentials when its connection begins, so that certificate and key can be
 * loaded again while older sessions keep theirs.
 */
#pragma once

#include <gnutls/gnutls.h>
#include <microhttpd.h>

struct http_tls;
struct text;

/** Load certificate and key. Returns 0, or -EINVAL with a sentence in why that names the file. */
int http_tls_load(const char *cert_file, const char *key_file, struct text *why,
		  struct http_tls **ret_tls);
struct http_tls *http_tls_ref(struct http_tls *tls);
struct http_tls *http_tls_unref(struct http_tls *tls); /* NULL is fine */

/** Give a new session its credentials and resumption tickets. Returns 0, or -EIO: then its handshake
 *  fails. */
int http_tls_begin(struct http_tls *tls, gnutls_session_t session);

/** The options of a daemon that speaks TLS. */
const struct MHD_OptionItem *http_tls_options(void);

/** The session of a connection; NULL if it is plain. */
gnutls_session_t http_tls_session(struct MHD_Connection *mhd);

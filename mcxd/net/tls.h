/*
 * TLS
 *
 * TLS 1.2 and 1.3 by OpenSSL, on a descriptor that does not block. A context is one side of one listener, or of all
 * connections that a role makes; it can be loaded again while connections are open, which keep what they began with.
 * A session is one connection.
 *
 * Who may connect is the server's policy: with TLS_CLIENT_NONE no certificate is asked for; with TLS_CLIENT_OPTIONAL one
 * that is shown must be signed by a trusted authority and be on the list of names; with TLS_CLIENT_REQUIRED there must
 * be one. An empty list allows nobody. Whom we connect to must show a certificate of a trusted authority for
 * the very name or address that was meant; a wildcard is for no name (RFC 5922 7.2).
 *
 * With SSLKEYLOGFILE in the environment the secrets of every session are appended to that file (made 0600), so that a
 * capture can be read by Wireshark; without being able to, no context is made.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct text;
struct tls_context;
struct tls_session;

enum tls_client { TLS_CLIENT_NONE, TLS_CLIENT_OPTIONAL, TLS_CLIENT_REQUIRED };

struct tls_config {
	const char *cert_file;       /* PEM: the certificate, then its intermediates */
	const char *key_file;        /* PEM */
	const char *const *ca_files; /* PEM: whom to trust; not the system's authorities */
	size_t n_ca_files;
	enum tls_client client;   /* of a server */
	const char *const *allow; /* DNS names and addresses of clients, as in their certificates */
	size_t n_allow;
	bool any_name; /* a client's certificate may be for any name: who serves it asks tls_session_client_has() */
	const char *
		alpn; /* of a server: the one protocol that is spoken (RFC 7301), as "h2"; NULL: it is not asked */
};

/** A context for accepting, or for connecting. Strings are copied. Returns 0, or a negative errno with a sentence in
 *  why that names the file. */
int tls_server_new(const struct tls_config *config, struct text *why, struct tls_context **ret);
int tls_client_new(const struct tls_config *config, struct text *why, struct tls_context **ret);

/** Whether this server's list of clients has a name of the certificate in this file, or needs none; true also if the file
 *  cannot be read. */
bool tls_server_allows(const struct tls_context *c, const char *cert_file);

/** Read the files again, for sessions that begin later. Returns 0; or as above, and what was loaded stays. */
int tls_context_reload(struct tls_context *c, struct text *why);

/** After its sessions. NULL is fine. */
struct tls_context *tls_context_free(struct tls_context *c);

/** The file that secrets are written to, or NULL. */
const char *tls_key_log_path(void);

/** A session on a connected, non-blocking descriptor, which stays the caller's. NULL if memory ran out. */
struct tls_session *tls_accept(struct tls_context *c, int fd);

/** The same toward a peer that must be `name`: a DNS name, which is sent as SNI, or an address. NULL also if the name
 *  is neither. */
struct tls_session *tls_connect(struct tls_context *c, int fd, const char *name);

/** Whether a client has shown a certificate that was checked and is for this name; NULL: for any. */
bool tls_session_client_has(const struct tls_session *s, const char *name);

/** Say goodbye to the peer, if the session works, without waiting; then free it. NULL is fine. */
struct tls_session *tls_session_free(struct tls_session *s);

/** Go on with the handshake. Returns 1 when it is done, 0 when it waits (for output if *ret_wants_output, else for
 *  input), or -1 when it failed: tls_session_problem() says why. */
int tls_handshake(struct tls_session *s, bool *ret_wants_output);

/** As recv() and send() on a descriptor that does not block: EAGAIN in errno when nothing could be done. */
ssize_t tls_read(struct tls_session *s, void *p, size_t n);
ssize_t tls_write(struct tls_session *s, const void *p, size_t n);

/** The name on the server's list of clients that this client's certificate is for; NULL: it has shown none. The context's string. */
const char *tls_session_client_name(const struct tls_session *s);

/** Whether bytes were decrypted that tls_read() has not handed out: the descriptor may never become ready for them. */
bool tls_has_pending(const struct tls_session *s);

/** Why the session failed: "the certificate is not for the name edge.lab.test", … A static or the session's string. */
const char *tls_session_problem(const struct tls_session *s);

/** Whether it was the peer that ended the session, by an alert. */
bool tls_session_is_refused(const struct tls_session *s);

/*
 * TLS
 *
 * OpenSSL keeps its errors in a queue of the thread: a leftover makes SSL_get_error() lie about the next call, so the queue is
 * emptied before each one.
 */
#include "mcxd/net/tls.h"

#include "mcxd/net/address.h"
#include "mcxd/net/pem.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

struct tls_context {
	SSL_CTX *ctx;
	bool is_server;
	char *cert_file, *key_file;
	char **ca_files;
	size_t n_ca_files;
	enum tls_client client;
	char **allow;
	size_t n_allow;
	bool any_name;
	char *alpn; /* as it goes over the wire: a byte with its length in front */
	int key_log_fd;
};

struct tls_session {
	SSL *ssl;
	bool is_broken;  /* no goodbye after a fatal error */
	bool is_refused; /* by an alert of the peer */
	char problem[256];
};

const char *tls_key_log_path(void)
{
	const char *path = getenv("SSLKEYLOGFILE");

	return path && *path ? path : NULL;
}

/* ---- names in certificates ---- */

static bool cert_is_for(X509 *cert, const char *name)
{
	struct address address;
	char host[ADDRESS_TEXT_SIZE];

	if (address_read_host(name, &address))
		return X509_check_ip_asc(cert, address_format_host(&address, false, host), 0) == 1;
	return X509_check_host(cert, name, 0, X509_CHECK_FLAG_NO_WILDCARDS, NULL) == 1;
}

/* The first name on the list that it is for; NULL: there is none. */
static const char *find_allowed(const struct tls_context *c, X509 *cert)
{
	for (size_t i = 0; i < c->n_allow; i++)
		if (cert_is_for(cert, c->allow[i]))
			return c->allow[i];
	return NULL;
}

/* Called for each certificate of the peer's chain, its own last (depth 0). */
static int on_verify(int is_good, X509_STORE_CTX *store)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	const struct tls_context *c = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (!is_good || X509_STORE_CTX_get_error_depth(store) > 0 || !c->is_server)
		return is_good;
	if (c->any_name || find_allowed(c, X509_STORE_CTX_get_current_cert(store)))
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
	return 0;
}

/* ---- contexts ---- */

/* A client that names protocols must name ours (RFC 7301 3.2); one that names none may know. */
static int on_alpn(SSL *ssl, const unsigned char **ret, unsigned char *ret_n,
		   const unsigned char *offered, unsigned n, void *magic)
{
	const struct tls_context *c = magic;
	const unsigned char *ours = (const unsigned char *)c->alpn;
	unsigned char *chosen;

	(void)ssl;
	if (SSL_select_next_proto(&chosen, ret_n, ours, ours[0] + 1U, offered, n) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*ret = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static void on_secret(const SSL *ssl, const char *line)
{
	const struct tls_context *c = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	CLEANUP(mem_free_string) char *whole = text_format("%s\n", line);

	/* One write, so that lines of several processes do not mix. A full disk loses secrets, not connections. */
	if (write(c->key_log_fd, whole, strlen(whole)) < 0)
		return;
}

static int complain(struct text *why, const char *path, const char *what)
{
	unsigned long error = ERR_peek_error(), last = ERR_peek_last_error();
	const char *reason = last ? ERR_reason_error_string(last) : NULL;

	if (ERR_SYSTEM_ERROR(error))
		reason = strerror(ERR_GET_REASON(error));
	text_add_all(why, path, ": ", what);
	if (reason)
		text_add_all(why, ": ", reason);
	ERR_clear_error();
	return -EINVAL;
}

static int load_files(const struct tls_context *c, SSL_CTX *ctx, struct text *why)
{
	if (c->cert_file && c->key_file && pem_check_pair(c->cert_file, c->key_file, why) < 0)
		return -EINVAL;
	ERR_clear_error();
	if (c->cert_file && SSL_CTX_use_certificate_chain_file(ctx, c->cert_file) != 1)
		return complain(why, c->cert_file, "cannot load the certificate");
	if (c->key_file && SSL_CTX_use_PrivateKey_file(ctx, c->key_file, SSL_FILETYPE_PEM) != 1)
		return complain(why, c->key_file, "cannot load the private key");
	for (size_t i = 0; i < c->n_ca_files; i++) {
		if (pem_check_cert(c->ca_files[i], why) < 0)
			return -EINVAL;
		if (SSL_CTX_load_verify_file(ctx, c->ca_files[i]) != 1)
			return complain(why, c->ca_files[i], "cannot load the authorities");
	}
	return 0;
}

/* Clients are told which authorities are taken, so that one with several certificates can choose. */
static void name_authorities(const struct tls_context *c, SSL_CTX *ctx)
{
	STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();

	for (size_t i = 0; i < c->n_ca_files; i++)
		SSL_add_file_cert_subjects_to_stack(names, c->ca_files[i]);
	SSL_CTX_set_client_CA_list(ctx, names);
}

static int verify_mode(const struct tls_context *c)
{
	if (!c->is_server)
		return SSL_VERIFY_PEER;
	switch (c->client) {
	case TLS_CLIENT_REQUIRED: return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	case TLS_CLIENT_OPTIONAL: return SSL_VERIFY_PEER;
	case TLS_CLIENT_NONE: break;
	}
	return SSL_VERIFY_NONE;
}

static int make_ctx(struct tls_context *c, struct text *why, SSL_CTX **ret)
{
	static const unsigned char session_context[] = "mcxd";
	SSL_CTX *ctx = SSL_CTX_new(c->is_server ? TLS_server_method() : TLS_client_method());
	int err;

	mem_check(ctx);
	SSL_CTX_set_app_data(ctx, c);
	SSL_CTX_set_default_passwd_cb(ctx, pem_no_password);
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	/* Released buffers: an idle session takes 30 kB less. */
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_session_id_context(ctx, session_context, sizeof(session_context) - 1);
	SSL_CTX_set_verify(ctx, verify_mode(c), on_verify);
	if (c->alpn)
		SSL_CTX_set_alpn_select_cb(ctx, on_alpn, c);
	if (c->key_log_fd >= 0)
		SSL_CTX_set_keylog_callback(ctx, on_secret);
	err = load_files(c, ctx, why);
	if (err) {
		SSL_CTX_free(ctx);
		return err;
	}
	if (c->is_server && c->client != TLS_CLIENT_NONE)
		name_authorities(c, ctx);
	*ret = ctx;
	return 0;
}

static char **copy_strings(const char *const *strings, size_t n)
{
	char **copies = mem_zalloc((n + 1) * sizeof(*copies));

	for (size_t i = 0; i < n; i++)
		copies[i] = mem_strdup(strings[i]);
	return copies;
}

static void free_strings(char **strings)
{
	for (char **s = strings; s && *s; s++)
		free(*s);
	free(strings);
}

/* Who asked for the secrets and gets none would find out with the capture in hand. */
static int open_key_log(struct tls_context *c, struct text *why)
{
	const char *path = tls_key_log_path();
	int err;

	c->key_log_fd = -1;
	if (!path)
		return 0;
	c->key_log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (c->key_log_fd >= 0)
		return 0;
	err = -errno;
	text_add_all(why, "SSLKEYLOGFILE: cannot write ", path, ": ", strerror(-err));
	return err;
}

static int context_new(const struct tls_config *config, bool is_server, struct text *why,
		       struct tls_context **ret)
{
	struct tls_context *c = MEM_NEW(struct tls_context);
	int err;

	c->is_server = is_server;
	c->cert_file = mem_strdup(config->cert_file);
	c->key_file = mem_strdup(config->key_file);
	c->ca_files = copy_strings(config->ca_files, config->n_ca_files);
	c->n_ca_files = config->n_ca_files;
	c->client = config->client;
	c->allow = copy_strings(config->allow, config->n_allow);
	c->n_allow = config->n_allow;
	c->any_name = config->any_name;
	if (config->alpn)
		c->alpn = text_format("%c%s", (char)strlen(config->alpn), config->alpn);
	err = open_key_log(c, why);
	if (!err)
		err = make_ctx(c, why, &c->ctx);
	if (err) {
		tls_context_free(c);
		return err;
	}
	*ret = c;
	return 0;
}

int tls_server_new(const struct tls_config *config, struct text *why, struct tls_context **ret)
{
	return context_new(config, true, why, ret);
}

int tls_client_new(const struct tls_config *config, struct text *why, struct tls_context **ret)
{
	return context_new(config, false, why, ret);
}

bool tls_server_allows(const struct tls_context *c, const char *cert_file)
{
	CLEANUP(text_deinit) struct text unused = TEXT_INIT;
	X509 *cert;
	bool allows;

	if (c->client == TLS_CLIENT_NONE || pem_read_cert(cert_file, &unused, &cert) < 0)
		return true;
	allows = find_allowed(c, cert) != NULL;
	X509_free(cert);
	ERR_clear_error();
	return allows;
}

int tls_context_reload(struct tls_context *c, struct text *why)
{
	SSL_CTX *fresh;
	int err = make_ctx(c, why, &fresh);

	if (err)
		return err;
	SSL_CTX_free(c->ctx);
	c->ctx = fresh;
	return 0;
}

struct tls_context *tls_context_free(struct tls_context *c)
{
	if (!c)
		return NULL;
	SSL_CTX_free(c->ctx);
	free(c->cert_file);
	free(c->key_file);
	free_strings(c->ca_files);
	free_strings(c->allow);
	free(c->alpn);
	if (c->key_log_fd >= 0)
		close(c->key_log_fd);
	free(c);
	return NULL;
}

/* ---- sessions ---- */

static struct tls_session *session_new(struct tls_context *c, int fd)
{
	struct tls_session *s = MEM_NEW(struct tls_session);

	ERR_clear_error();
	s->ssl = SSL_new(c->ctx);
	if (s->ssl && SSL_set_fd(s->ssl, fd) == 1)
		return s;
	return tls_session_free(s);
}

struct tls_session *tls_accept(struct tls_context *c, int fd)
{
	struct tls_session *s = session_new(c, fd);

	if (s)
		SSL_set_accept_state(s->ssl);
	return s;
}

/* An address is checked against the addresses of the certificate, and is no SNI (RFC 6066 3). */
static bool expect(SSL *ssl, const char *name)
{
	struct address address;
	char host[ADDRESS_TEXT_SIZE];

	if (address_read_host(name, &address))
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl),
						     address_format_host(&address, false, host)) ==
		       1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_WILDCARDS);
	return SSL_set1_host(ssl, name) == 1 &&
	       SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
			mem_no_const(name)) == 1;
}

struct tls_session *tls_connect(struct tls_context *c, int fd, const char *name)
{
	struct tls_session *s = session_new(c, fd);

	if (!s)
		return NULL;
	SSL_set_connect_state(s->ssl);
	return expect(s->ssl, name) ? s : tls_session_free(s);
}

bool tls_session_client_has(const struct tls_session *s, const char *name)
{
	X509 *cert = SSL_get0_peer_certificate(s->ssl);
	bool has = cert && SSL_get_verify_result(s->ssl) == X509_V_OK &&
		   (!name || cert_is_for(cert, name));

	ERR_clear_error();
	return has;
}

struct tls_session *tls_session_free(struct tls_session *s)
{
	if (!s)
		return NULL;
	ERR_clear_error();
	if (s->ssl && !s->is_broken && SSL_is_init_finished(s->ssl))
		SSL_shutdown(s->ssl);
	SSL_free(s->ssl);
	ERR_clear_error();
	free(s);
	return NULL;
}

/* What OpenSSL says about the peer in words that do not tell. NULL: its words will do. */
static const char *plain_words(unsigned long error)
{
	switch (ERR_GET_REASON(error)) {
	case SSL_R_UNEXPECTED_EOF_WHILE_READING: return "the peer closed the connection";
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST: return "the peer does not speak TLS";
	default: return NULL;
	}
}

/* The certificate is the first thing to blame: "certificate verify failed" alone helps nobody. */
static void note_problem(struct tls_session *s, int ssl_error)
{
	long verified = SSL_get_verify_result(s->ssl);
	unsigned long error = ERR_peek_error();
	const char *reason = error ? ERR_reason_error_string(error) : NULL;

	s->is_broken = true;
	/* An alert has its own number, with this added to it. */
	s->is_refused = ssl_error == SSL_ERROR_SSL && ERR_GET_REASON(error) > SSL_AD_REASON_OFFSET;
	if (error && plain_words(error))
		reason = plain_words(error);
	if (verified == X509_V_ERR_APPLICATION_VERIFICATION)
		text_join(s->problem, sizeof(s->problem),
			  "the client's certificate is not for a name on the list");
	else if (verified != X509_V_OK)
		text_join(s->problem, sizeof(s->problem),
			  "certificate: ", X509_verify_cert_error_string(verified));
	else if (reason)
		text_join(s->problem, sizeof(s->problem), reason);
	else if (ssl_error == SSL_ERROR_SYSCALL && errno)
		text_join(s->problem, sizeof(s->problem), strerror(errno));
	else
		text_join(s->problem, sizeof(s->problem), "the peer closed the connection");
	ERR_clear_error();
}

int tls_handshake(struct tls_session *s, bool *ret_wants_output)
{
	int r, error;

	ERR_clear_error();
	errno = 0;
	r = SSL_do_handshake(s->ssl);
	if (r == 1)
		return 1;
	error = SSL_get_error(s->ssl, r);
	*ret_wants_output = error == SSL_ERROR_WANT_WRITE;
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return 0;
	note_problem(s, error);
	return -1;
}

/* A close without close_notify could be an attacker's cut; SIP's own framing notices what is missing. */
static ssize_t result(struct tls_session *s, int r)
{
	int error;

	if (r > 0)
		return r;
	error = SSL_get_error(s->ssl, r);
	if (error == SSL_ERROR_ZERO_RETURN)
		return 0;
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
		errno = EAGAIN;
		return -1;
	}
	note_problem(s, error);
	errno = ECONNRESET;
	return -1;
}

ssize_t tls_read(struct tls_session *s, void *p, size_t n)
{
	ERR_clear_error();
	errno = 0;
	return result(s, SSL_read(s->ssl, p, n < INT_MAX ? (int)n : INT_MAX));
}

ssize_t tls_write(struct tls_session *s, const void *p, size_t n)
{
	ERR_clear_error();
	errno = 0;
	return result(s, SSL_write(s->ssl, p, n < INT_MAX ? (int)n : INT_MAX));
}

bool tls_has_pending(const struct tls_session *s)
{
	return SSL_pending(s->ssl) > 0;
}

const char *tls_session_problem(const struct tls_session *s)
{
	return s->problem;
}

bool tls_session_is_refused(const struct tls_session *s)
{
	return s->is_refused;
}

const char *tls_session_client_name(const struct tls_session *s)
{
	const struct tls_context *c = SSL_CTX_get_app_data(SSL_get_SSL_CTX(s->ssl));
	const char *name = NULL;

	if (c->is_server && tls_session_client_has(s, NULL))
		name = find_allowed(c, SSL_get0_peer_certificate(s->ssl));
	ERR_clear_error();
	return name;
}

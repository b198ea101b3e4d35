/*
 * HTTP server: TLS
 */
#include "web/http/tls.h"

#include "mcxd/net/pem.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <gnutls/abstract.h>

struct http_tls {
	unsigned n_refs; /* the server and its connections */
	gnutls_certificate_credentials_t credentials;
	gnutls_datum_t ticket_key;
};

int http_tls_load(const char *cert_file, const char *key_file, struct text *why,
		  struct http_tls **ret_tls)
{
	struct http_tls *tls;
	int err = pem_check_pair(cert_file, key_file, why);

	if (err)
		return err;
	tls = MEM_NEW(struct http_tls);
	tls->n_refs = 1;
	err = gnutls_certificate_allocate_credentials(&tls->credentials);
	if (err == GNUTLS_E_SUCCESS)
		err = gnutls_session_ticket_key_generate(&tls->ticket_key);
	if (err == GNUTLS_E_SUCCESS)
		err = gnutls_certificate_set_x509_key_file(tls->credentials, cert_file, key_file,
							   GNUTLS_X509_FMT_PEM);
	/* A positive value is the index of the pair. */
	if (err < 0) {
		text_addf(why, "%s: cannot load certificate and key: %s", cert_file,
			  gnutls_strerror(err));
		http_tls_unref(tls);
		return -EINVAL;
	}
	*ret_tls = tls;
	return 0;
}

struct http_tls *http_tls_ref(struct http_tls *tls)
{
	tls->n_refs++;
	return tls;
}

struct http_tls *http_tls_unref(struct http_tls *tls)
{
	if (!tls || --tls->n_refs > 0)
		return NULL;
	if (tls->credentials)
		gnutls_certificate_free_credentials(tls->credentials);
	if (tls->ticket_key.data)
		gnutls_memset(tls->ticket_key.data, 0, tls->ticket_key.size);
	gnutls_free(tls->ticket_key.data);
	free(tls);
	return NULL;
}

int http_tls_begin(struct http_tls *tls, gnutls_session_t session)
{
	if (gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, tls->credentials) < 0)
		return -EIO;
	/* libmicrohttpd does not enable resumption, which brings the CPU time of a handshake
	 * from 0.9 ms to 0.2-0.4 ms. */
	gnutls_session_ticket_enable_server(session, &tls->ticket_key);
	return 0;
}

/* A daemon does not start without credentials of its own. No session uses them: see
 * http_tls_begin(). */
/* NOLINTNEXTLINE(readability-function-size): GnuTLS defines the parameters. */
static int no_certificate(gnutls_session_t session, const gnutls_datum_t *ca_names, int n_ca_names,
			  const gnutls_pk_algorithm_t *algorithms, int n_algorithms,
			  gnutls_pcert_st **ret_chain, unsigned int *ret_n_chain,
			  gnutls_privkey_t *ret_key)
{
	(void)session;
	(void)ca_names;
	(void)n_ca_names;
	(void)algorithms;
	(void)n_algorithms;
	*ret_chain = NULL;
	*ret_n_chain = 0;
	*ret_key = NULL;
	return -1;
}

const struct MHD_OptionItem *http_tls_options(void)
{
	static char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
	static gnutls_certificate_retrieve_function2 *const callback = no_certificate;
	static struct MHD_OptionItem options[] = {
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, priorities },
		{ MHD_OPTION_HTTPS_CERT_CALLBACK, 0, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};

	/* The option takes the function as a void *, for which ISO C has no cast. */
	memcpy(&options[1].ptr_value, &callback, sizeof(callback));
	return options;
}

gnutls_session_t http_tls_session(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	return info ? info->tls_session : NULL;
}

/*
 * HTTP client: why there is no answer
 *
 * libcurl has a hundred codes.
 */
#include "web/http/client_failure.h"

#include "proto/text/mem.h"
#include "web/http/client.h"

enum http_failure client_failure_of(CURLcode code)
{
	static const struct {
		CURLcode code;
		enum http_failure failure;
	} rows[] = {
		{ CURLE_FAILED_INIT, HTTP_REFUSED_HERE },
		{ CURLE_URL_MALFORMAT, HTTP_REFUSED_HERE },
		{ CURLE_UNSUPPORTED_PROTOCOL, HTTP_REFUSED_HERE },
		{ CURLE_COULDNT_RESOLVE_HOST, HTTP_REFUSED_HERE },
		{ CURLE_COULDNT_CONNECT, HTTP_NOT_CONNECTED },
		{ CURLE_OPERATION_TIMEDOUT, HTTP_TIMED_OUT },
		{ CURLE_SSL_CONNECT_ERROR, HTTP_NO_TLS },
		{ CURLE_PEER_FAILED_VERIFICATION, HTTP_NO_TLS },
		{ CURLE_SSL_CERTPROBLEM, HTTP_NO_TLS },
		{ CURLE_SSL_CACERT_BADFILE, HTTP_NO_TLS },
		{ CURLE_SSL_ISSUER_ERROR, HTTP_NO_TLS },
		{ CURLE_FILESIZE_EXCEEDED, HTTP_TOO_LONG },
		{ CURLE_WRITE_ERROR, HTTP_TOO_LONG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].code == code)
			return rows[i].failure;
	return HTTP_BROKEN_OFF;
}

/*
 * HTTP server: what libmicrohttpd refuses itself
 *
 * Malformed or oversized input never reaches our callbacks: libmicrohttpd answers it with an HTML page
 * of its own (in one case with two heads), has no option for another one, and closes the connection.
 * Clients of an API expect the API's error body, and the lab expects the refusal in its journal.
 *
 * libmicrohttpd passes that page to its own public function MHD_queue_response(). The dynamic linker resolves
 * the call to the first definition that it finds, which is the one below, as long as libmicrohttpd is a shared
 * library that was not linked with -Bsymbolic; http_fault_check() checks that. MHD_NO makes libmicrohttpd close
 * the connection without a word, after our refusal has been written to the socket directly.
 */
#include "web/http/fault.h"

#include "mcxd/base/interpose.h"
#include "mcxd/base/log.h"
#include "web/http/conn.h"
#include "web/http/private.h"
#include "web/http/refusal.h"
#include "web/http/request.h"

enum MHD_Result http_fault_queue_response(struct http_request *r)
{
	static typeof(MHD_queue_response) *original;

	INTERPOSE_ORIGINAL(original, "MHD_queue_response");
	return original(r->conn->mhd, (unsigned int)r->status, r->response);
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *mhd, unsigned int status,
				   struct MHD_Response *response)
{
	struct http_conn *c = http_conn_of(mhd);
	bool is_known = c->request;
	struct http_request *r = is_known ? c->request : http_request_new(c, "/");

	(void)response;
	if (r->status == 0)
		http_refuse_raw(r, (int)status);
	/* libmicrohttpd frees a request by our callback, but only if it has read the request line. */
	if (!is_known)
		http_request_free(r);
	return MHD_NO;
}

void http_fault_check(const struct http *h)
{
	if (!interpose_works("MHD_queue_response", (void (*)(void))MHD_queue_response))
		log_error("http", h->name,
			  "this build of libmicrohttpd does not call our MHD_queue_response(); "
			  "its own refusals are HTML pages");
}

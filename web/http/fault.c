/*
 * HTTP server: what libmicrohttpd refuses by itself
 *
 * Bytes that are no HTTP, or too many of them, it answers with a page of HTML, for one fault with two heads. It
 * hands that page over with its own public function: the definition here takes its place.
 */
#include "web/http/private.h"

#include "mcxd/base/interpose.h"

enum MHD_Result http_queue_response(struct http_request *r)
{
	static typeof(MHD_queue_response) *original;

	INTERPOSE_ORIGINAL(original, "MHD_queue_response");
	return original(r->conn->mhd, (unsigned int)r->status, r->response);
}

/* MHD_NO: and it closes the connection. */
enum MHD_Result MHD_queue_response(struct MHD_Connection *mhd, unsigned int status,
				   struct MHD_Response *response)
{
	struct http_conn *c = http_conn_of(mhd);
	bool is_known = c->request;
	struct http_request *r = is_known ? c->request : http_request_new(c, "/");

	(void)response;
	if (r->status == 0)
		http_refuse_raw(r, (int)status);
	/* Before there is a request line, libmicrohttpd has nothing to free. */
	if (!is_known)
		http_request_free(r);
	return MHD_NO;
}

void http_check_interposed(const struct http *h)
{
	if (!interpose_works("MHD_queue_response", (void (*)(void))MHD_queue_response))
		log_error("http", h->name,
			  "this libmicrohttpd does not call our "
			  "MHD_queue_response(): its own refusals are HTML");
}

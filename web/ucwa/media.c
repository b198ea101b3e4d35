/*
 * HTTPS API: media types
 */
#include "web/ucwa/media.h"

#include "proto/text/accept.h"
#include "web/http/http.h"
#include "web/ucwa/operation.h"
#include "web/ucwa/request.h"

#include <string.h>

#define JSON     "application/json"
#define OWN_JSON "application/vnd.microsoft.com.ucwa+json"
#define OWN_XML  "application/vnd.microsoft.com.ucwa+xml"

static const char *accept_of(const struct ucwa_request *q)
{
	return http_header(q->r, "Accept");
}

const char *ucwa_media_type(const struct ucwa_request *q)
{
	const char *accept = accept_of(q);

	return accept_quality(accept, OWN_JSON) > accept_quality(accept, JSON) ? UCWA_OWN_JSON_TYPE
									       : UCWA_JSON_TYPE;
}

/* What asks for none of our types gets JSON, as clients in the wild expect, unless it asks for XML: then it would try to
 * read the answer as XML. */
bool ucwa_accepts(const struct ucwa_request *q)
{
	const char *accept = accept_of(q);

	if (!accept || q->operation->flags & UCWA_SIGNING_IN || accept_quality(accept, JSON) > 0 ||
	    accept_quality(accept, OWN_JSON) > 0)
		return true;
	return !accept_quality(accept, "application/xml") && !accept_quality(accept, OWN_XML) &&
	       !strcasestr(accept, "text/xml");
}

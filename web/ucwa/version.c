/*
 * HTTPS API: versions of resources
 */
#include "web/ucwa/version.h"

#include "proto/diag.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/operation.h"
#include "web/ucwa/request.h"

#include <stdlib.h>

static unsigned revision_of(const struct ucwa_operation *o)
{
	return o && o->flags & UCWA_REVISION_2 ? 2 : 1;
}

void ucwa_version_mark(struct http_request *r)
{
	const struct http_route *own = http_route(r);
	const struct http_route *route = own ? own : http_route_of(r, "GET");
	char number[TEXT_NUMBER_SIZE];

	http_set_header(r, "X-MS-UcwaVersion",
			text_number(number, revision_of(route ? route->extra : NULL)));
}

/* Versions are compared as numbers that may have a fraction. */
static bool meets(unsigned revision, const char *wanted)
{
	char *end;
	double version = strtod(wanted, &end);

	return end != wanted && !*end && version <= revision;
}

bool ucwa_version_check(struct ucwa_request *q)
{
	const char *wanted = http_header(q->r, "X-MS-RequiresMinResourceVersion");
	unsigned revision = revision_of(q->operation);

	if (!wanted || meets(revision, wanted))
		return true;
	ucwa_failf(q, DIAG_VERSION, "This server has revision %u of %s.", revision,
		   q->operation->resource);
	return false;
}

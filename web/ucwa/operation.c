/*
 * HTTPS API: operations
 */
#include "web/ucwa/operation.h"

#include "web/http/http.h"

#include <stddef.h>

const char *ucwa_operation_body_type(const struct ucwa_operation *o)
{
	if (o->flags & UCWA_BODY_JSON)
		return HTTP_JSON_TYPE;
	if (o->flags & UCWA_BODY_TEXT)
		return "text/plain";
	if (o->flags & UCWA_BODY_FORM)
		return "application/x-www-form-urlencoded";
	return NULL;
}

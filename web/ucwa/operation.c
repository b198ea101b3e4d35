/*
 * HTTPS API: operations
 */
#include "proto/text/form.h"
#include "proto/text/json_out.h"
#include "web/ucwa/operation.h"

#include <stddef.h>

const char *ucwa_operation_body_type(const struct ucwa_operation *o)
{
	if (o->flags & UCWA_BODY_JSON)
		return JSON_CONTENT_TYPE;
	if (o->flags & UCWA_BODY_TEXT)
		return "text/plain";
	if (o->flags & UCWA_BODY_FORM)
		return FORM_CONTENT_TYPE;
	return NULL;
}

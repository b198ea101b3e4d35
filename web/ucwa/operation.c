/*
 * HTTPS API: operations
 */
#include "web/ucwa/operation.h"

#include "proto/text/form.h"
#include "proto/text/json_out.h"
#include "web/ucwa/media.h"

#include <stddef.h>

const char *const *ucwa_operation_body_types(const struct ucwa_operation *o)
{
	static const char *const json[] = { JSON_CONTENT_TYPE, UCWA_OWN_JSON, "text/json", NULL };
	static const char *const batch[] = { "multipart/batching", "multipart/mixed", NULL };
	static const char *const text[] = { "text/plain", "text/html", NULL };
	static const char *const form[] = { FORM_CONTENT_TYPE, "multipart/form-data", NULL };

	if (o->flags & UCWA_BODY_BATCH)
		return batch;
	if (o->flags & UCWA_BODY_JSON)
		return json;
	if (o->flags & UCWA_BODY_TEXT)
		return text;
	return o->flags & UCWA_BODY_FORM ? form : NULL;
}

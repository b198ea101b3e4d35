/*
 * Push service: refusing a request
 */
#include "mcxd/push_service/answer.h"

#include "proto/diag.h"
#include "proto/text/json_out.h"
#include "web/http/http.h"

#include <json-c/json.h>

static const char *error_code(int status)
{
	switch (status) {
	case 406: return "Throttled"; /* these two mean something of their own in MPNS */
	case 412: return "Inactive";
	default: return diag_row(diag_code_of_http(status))->ucwa_code;
	}
}

void push_service_refuse(struct http_request *r, int status, const char *why)
{
	struct json_object *body = json_object_new_object();

	json_out_string(body, "code", error_code(status));
	json_out_string(body, "message", why ? why : "");
	http_answer_json(r, status, NULL, body);
}

/*
 * OpenAPI as a page
 *
 * A document that web/http/openapi.h has made, as HTML for people: no script, nothing from elsewhere.
 */
#pragma once

#include <json-c/json.h>

struct text;

/** Append the page. style: path of a style sheet. document: path of the document itself. */
void openapi_page(struct json_object *json, const char *style, const char *document,
		  struct text *out);

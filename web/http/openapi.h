/*
 * OpenAPI
 *
 * Descriptions of our HTTP interfaces (OpenAPI 3.1.0), made from their tables of routes and from rows of schemas.
 *
 * Members of an object are written as words: "id:int text? state=live|ended began:time~ legs:Leg[]". A word is a name,
 * then ? if it may be absent, then its type: string if none is given, else int, bool, time, uri, object, any, or the
 * name of a schema; with [] an array of it; with ~ it may be null; with = the values that it can have.
 */
#pragma once

#include "web/http/http.h"

#include <json-c/json.h>
#include <stddef.h>

struct openapi_info {
	const char *title, *description;
	const char *server; /* "https://host:port" */
};

struct openapi_schema {
	const char *name, *description;
	const char *members; /* words; or the whole schema as JSON, which begins with '{' */
	const char *example; /* JSON; may be NULL */
};

struct openapi_operation {
	const char *query; /* words; NULL: none */
	const char *body;  /* the name of a schema, in JSON; NULL: none, or the caller adds it */
	/** Statuses, each with the name of a schema or media types behind it: "200 Clock, 201 text/plain, 204". */
	const char *answers;
	const char *tag;
	const char *error; /* name of the schema of errors; NULL: the caller adds them */
};

/** A row of a table of routes. Behind the sentence: query, body and answers, as in struct openapi_operation. */
#define OPENAPI_ROUTE(method, path, handler, help, query_, body_, answers_)                        \
	{                                                                                          \
		method, path, handler, help, &(const struct openapi_operation)                     \
		{                                                                                  \
			.query = (query_), .body = (body_), .answers = (answers_),                 \
			.error = "Error"                                                           \
		}                                                                                  \
	}

/** A document without paths and schemas; json_object_put() it. */
struct json_object *openapi_new(const struct openapi_info *info);

void openapi_add_schema(struct json_object *document, const struct openapi_schema *row);
/** The same with a schema that is already made, which the document takes over. */
void openapi_put_schema(struct json_object *document, const char *name, struct json_object *schema);

/** An object with these members. */
struct json_object *openapi_object(const char *members);

/** {"$ref": "#/components/schemas/NAME"} */
struct json_object *openapi_ref(const char *name);

/** Add an operation; returns it, for more to be added. */
struct json_object *openapi_add_operation(struct json_object *document,
					  const struct http_route *route,
					  const struct openapi_operation *operation);

/** Add a body in this media type to an answer or to "requestBody"; schema NULL: a string. Takes the schema over. */
void openapi_add_content(struct json_object *holder, const char *type, struct json_object *schema);

/** The member of this name, an object or a list, which is added if it is not there. */
struct json_object *openapi_within(struct json_object *o, const char *name);
struct json_object *openapi_list_within(struct json_object *o, const char *name);

/** JSON of our own, which is well-formed. */
struct json_object *openapi_parse(const char *json);

/*
 * HTTPS API: operations
 *
 * A method and a path, and what is done there. Each is the `extra` of a row of ucwa_routes.
 */
#pragma once

struct ucwa_request;
typedef void ucwa_h(struct ucwa_request *q);

/** What an operation wants before its handler runs, and where it comes from. */
enum {
	UCWA_TOKEN = 1 << 0,
	UCWA_APP = 1 << 1,           /* besides the token, an application of its owner */
	UCWA_BODY_JSON = 1 << 2,     /* the body is a JSON object */
	UCWA_BODY_OPTIONAL = 1 << 3, /* or absent */
	UCWA_BODY_TEXT = 1 << 4,
	UCWA_BODY_FORM = 1 << 5,
	UCWA_OURS = 1 << 6,        /* an extension, not in Microsoft's documentation */
	UCWA_SIGNING_IN = 1 << 7,  /* finding the server and signing in */
	UCWA_BODY_BATCH = 1 << 9,  /* of requests */
	UCWA_ALONE = 1 << 10,      /* not in a batch */
	UCWA_REVISION_2 = 1 << 11, /* as the second page of its resource has it ("Versioning") */
	UCWA_PLAIN = 1 << 8        /* also where everything else is served over HTTPS only */
};

struct ucwa_operation {
	const char *path; /* its own: routes can have others besides */
	ucwa_h *handler;
	unsigned flags;
	const char *resource; /* its name in the journal */
	const char *query;    /* its query parameters, as in struct openapi_operation; NULL: none */
};

/** The media types of the body that it takes, two or more of them and a NULL; NULL: it takes none. */
const char *const *ucwa_operation_body_types(const struct ucwa_operation *o);

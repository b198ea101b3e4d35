/*
 * HTTPS API: input of a POST in the query
 *
 * "Query parameters": what the body of a POST can have, its query can have, too. Handlers see one body with both.
 */
#pragma once

struct ucwa_request;

/** Put into the request's body what its query has of the members that the operation knows. A parameter goes before a
 *  member of the same name. A body that cannot be read stays as it is. */
void ucwa_take_query(struct ucwa_request *q);

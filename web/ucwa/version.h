/*
 * HTTPS API: versions of resources ("Versioning")
 *
 * Each resource has a revision. A link to one of a later revision than the first says so, every answer has that of its
 * resource, and a request may require a minimum.
 */
#pragma once

#include <stdbool.h>

struct http_request;
struct ucwa_request;

/** Say in the answer which revision of the resource is served; 1 where there is no resource. */
void ucwa_version_mark(struct http_request *r);

/** Whether the resource has what the request requires; false: 404 has been answered. */
bool ucwa_version_check(struct ucwa_request *q);

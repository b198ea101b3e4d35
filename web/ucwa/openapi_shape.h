/*
 * HTTPS API: its resources, events and errors as schemas
 */
#pragma once

#include <json-c/json.h>

/** Add them to a document of OpenAPI: the resources by their rels, EventPacket and Error. */
void ucwa_add_shapes(struct json_object *document);

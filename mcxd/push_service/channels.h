/*
 * Channels: the push client service
 *
 * The resources under /channels, where phones make and end their channels. magic is the push service.
 */
#pragma once

#include "web/http/http.h"

http_h channels_on_create;  /* POST /channels */
http_h channels_on_list;    /* GET /channels */
http_h channels_on_renew;   /* PUT /channels/{id} */
http_h channels_on_delete;  /* DELETE /channels/{id} */
http_h channels_on_carrier; /* GET /channels/{id}/notifications */

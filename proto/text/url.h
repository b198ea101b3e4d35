/*
 * URLs
 */
#pragma once

/** scheme://host:port of a URL; free() it. NULL: it is not absolute. */
char *url_origin(const char *url);

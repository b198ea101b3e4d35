/*
 * URLs
 */
#pragma once

/** scheme://host:port of a URL; free() it. NULL: it is not absolute. */
char *url_origin(const char *url);

/** Where clients on this machine reach what listens there ("127.0.0.1:5060" or a URL): 127.0.0.1 or [::1] takes the place of
 *  0.0.0.0 or [::], which is every address of the machine. free() it. */
char *url_to_listener(const char *address);

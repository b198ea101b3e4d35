/*
 * Origins
 *
 * Of web pages (RFC 6454, 6.2): "https://app.lab.test:8443".
 */
#pragma once

enum { ORIGIN_SIZE = 300 };

/** Decode an origin of http or https into the form that is compared: in lower case, without the scheme's own port.
 *  Returns 0, or -EINVAL with a static phrase in *ret_why. "null" and "*" are none. */
int origin_decode(const char *s, char ret[ORIGIN_SIZE], const char **ret_why);

/*
 * http and https URIs in UCWA bodies
 */
#pragma once

/** Check that it is an http or https URI with a host, without user information, spaces or control
 *  characters. Returns NULL, or what is wrong with it: "has no host". */
const char *ucwa_check_uri(const char *uri);

/*
 * Event packages
 *
 * What SIP clients can subscribe to (RFC 6665, 4.4): a row each, with the document that its notifications carry.
 */
#pragma once

#include "proto/text/text.h"

#include <sofia-sip/sip.h>
#include <stdbool.h>

struct core;

/** A document about a resource, an address of record, or about nobody (NULL: the list of users) for the one who watches. */
typedef void package_document_h(const struct core *c, const char *watcher, const char *resource,
				struct text *out);

struct package {
	const char *event;
	const char *type; /* of its documents */
	package_document_h *document;
	bool is_about_all; /* its resource is the list of users, and not whom the request names */
	bool takes_list;   /* a request may name several resources in its body */
};

/** The package that a SUBSCRIBE names, in the form that it accepts. NULL: there is none; *ret_known tells whether it
 *  was the form that was not accepted. */
const struct package *package_find(const sip_t *sip, bool *ret_known);

/** All of them, as Allow-Events names them. */
#define PACKAGE_EVENTS "presence,vnd-microsoft-roaming-contacts"

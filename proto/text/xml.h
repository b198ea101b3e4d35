/*
 * XML
 *
 * A whole XML document read element by element, by expat. What outsiders send is bounded in bytes
 * and depth, and a DOCTYPE (with it entities of the document's own) is refused.
 */
#pragma once

#include "proto/text/text.h"

/** How deep elements may nest; the root is at depth 1. */
#define XML_MAX_DEPTH 16

struct xml_element {
	const char *ns;   /* namespace name, "" for none */
	const char *name; /* without prefix */
	unsigned depth;
	/* In on_start: attributes, for xml_attribute(). In on_end: NULL. */
	const char *const *attributes;
	/* In on_end: the character data directly within the element (not that of children), UTF-8
	 * without NULs, NUL-terminated. In on_start: "". */
	const char *text;
	size_t n_text;
};

/** What is in *e is valid during the call. Returns NULL to go on, or a static sentence that says
 * what is wrong with the document; parsing ends then. */
typedef const char *xml_element_h(void *magic, const struct xml_element *e);

struct xml_reader {
	size_t max_bytes;        /* of the document; 0: no more than the caller has */
	xml_element_h *on_start; /* may be NULL */
	xml_element_h *on_end;   /* may be NULL */
	void *magic;
};

/** Read a document. Returns 0, or -EINVAL with a static sentence in *ret_why. */
int xml_read(const void *p, size_t n, const struct xml_reader *reader, const char **ret_why);

/** Value of an attribute without a namespace, or NULL. */
const char *xml_attribute(const struct xml_element *e, const char *name);

/** Whether it is the element with this name and namespace; ns NULL: whatever the namespace. */
bool xml_is(const struct xml_element *e, const char *ns, const char *name);

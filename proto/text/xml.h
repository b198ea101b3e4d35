/*
 * XML
 *
 * A whole XML document, read element by element with expat. Size and depth are limited, and a DOCTYPE is
 * refused, so that a document cannot define entities.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

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

/** *e is valid during the call. Returns NULL to go on, or a static sentence on what is wrong with the document,
 *  which ends the parsing. */
typedef const char *xml_element_h(void *magic, const struct xml_element *e);

struct xml_reader {
	size_t max_bytes;        /* of the document; 0: no limit */
	xml_element_h *on_start; /* may be NULL */
	xml_element_h *on_end;   /* may be NULL */
	void *magic;
};

/** Read a document. Returns 0, or -EINVAL with a static sentence in *ret_why. */
int xml_read(const void *p, size_t n, const struct xml_reader *reader, const char **ret_why);

/** Value of an attribute without a namespace, or NULL. */
const char *xml_attribute(const struct xml_element *e, const char *name);

/** Whether the element has this name and namespace; ns NULL: any namespace. */
bool xml_is(const struct xml_element *e, const char *ns, const char *name);

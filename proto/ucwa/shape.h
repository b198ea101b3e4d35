/*
 * Shapes of UCWA resources
 *
 * The one list of what each resource has: its properties, links and embedded resources, as far as this server has
 * them. Every resource that leaves the server is held against it in the tests. What Microsoft documents and this
 * server does not have is listed too, so that clients can be told from a link that is absent.
 */
#pragma once

#include <stddef.h>

enum ucwa_value {
	UCWA_STRING,
	UCWA_STRINGS,
	UCWA_INT,
	UCWA_BOOL,
	UCWA_DATE,     /* "\/Date(ms)\/" */
	UCWA_LINK,     /* in _links */
	UCWA_LINKS,    /* an array of links */
	UCWA_RESOURCE, /* in _embedded */
	UCWA_RESOURCES /* an array of embedded resources */
};

/** Stands for a property whose name is random, and whose value asks to pass it on. */
#define UCWA_PASSED "{uuid}"

struct ucwa_member {
	const char *name;
	enum ucwa_value value;
	const char *when; /* it is there only then, in words; NULL: always */
	const char *rel;  /* of the embedded resource; NULL: its name */
};

struct ucwa_shape {
	const char *rel;
	const struct ucwa_member *members; /* besides rel; ends with one without a name */
};

/** The shape of a resource; NULL: there is none of this rel. */
const struct ucwa_shape *ucwa_shape_find(const char *rel);
/** The member of this name among those in the same place (properties, _links, _embedded) as value; NULL: none. */
const struct ucwa_member *ucwa_shape_member(const struct ucwa_shape *shape, const char *name,
					    enum ucwa_value value);

/** What is documented and not here: the rel of the link that no resource has, and where its target would be. */
struct ucwa_absent {
	const char *rel;
	const char *of;    /* rel of the resource that would link to it */
	const char *below; /* path below the application */
};

/* Both end with an entry without a rel. */
extern const struct ucwa_shape ucwa_shapes[];
extern const struct ucwa_absent ucwa_absents[];

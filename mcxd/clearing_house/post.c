/*
 * Clearing house: a request to a push service
 */
#include "mcxd/clearing_house/post.h"

#include "proto/text/text.h"

#include <assert.h>

void post_add_header(struct post *p, const char *name, const char *value)
{
	assert(p->n_headers < POST_MAX_HEADERS);
	text_add_all(&p->headers[p->n_headers++], name, ": ", value);
}

void post_deinit(struct post *p)
{
	for (size_t i = 0; i < p->n_headers; i++)
		text_deinit(&p->headers[i]);
	text_deinit(&p->body);
	free(p->url);
	*p = (struct post){ 0 };
}

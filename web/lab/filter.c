/*
 * Lab API: which records a client wants
 */
#include "proto/record.h"
#include "proto/text/mem.h"
#include "web/http/http.h"
#include "web/lab/private.h"

void lab_filter_init(struct lab_filter *f, const struct http_request *r)
{
	f->kind = mem_strdup(http_query(r, "kind"));
	f->user = mem_strdup(http_query(r, "user"));
	f->key = mem_strdup(http_query(r, "key"));
}

void lab_filter_deinit(struct lab_filter *f)
{
	free(f->kind);
	free(f->user);
	free(f->key);
}

bool lab_filter_wants(const struct lab_filter *f, const struct record *r)
{
	return (!f->kind || strcmp(f->kind, r->kind) == 0) &&
	       (!f->user || record_is_about(r, f->user)) && (!f->key || record_has_key(r, f->key));
}

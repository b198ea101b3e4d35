/*
 * Lab API: which records a client wants
 */
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/match.h"
#include "web/lab/private.h"

/* The filters, which are the conditions of a wait. */
static const struct {
	const char *name;
	enum match_what what;
} filters[] = {
	{ "kind", MATCH_KIND },    { "user", MATCH_USER },   { "conversation", MATCH_CONVERSATION },
	{ "hop", MATCH_HOP },      { "phone", MATCH_FIELD }, { "method", MATCH_FIELD },
	{ "status", MATCH_FIELD }, { "since", MATCH_SINCE }, { "key", MATCH_KEY },
};

bool lab_filter_read(struct match *m, struct http_request *r)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		const struct match_condition c = { .what = filters[i].what,
						   .name = filters[i].name,
						   .value = http_query(r, filters[i].name) };

		if (c.value && match_add(m, &c, &why) < 0)
			break;
	}
	if (!why.n && match_is_possible(m, &why))
		return true;
	lab_error(r, 400, "%s", text_str(&why));
	match_deinit(m);
	return false;
}

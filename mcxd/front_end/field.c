/*
 * Fields
 */
#include "mcxd/front_end/field.h"

#include "mcxd/sip/agent.h"
#include "proto/sip/uri.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

int field_aor(const url_t *url, char ret[URI_MAX_AOR + 1])
{
	char s[URI_MAX_BYTES];
	url_t bare[1];

	if (!url || !url->url_host || (url->url_type != url_sip && url->url_type != url_sips))
		return -EINVAL;
	/* The limit is for the address: parameters may be longer. */
	*bare = *url;
	bare->url_params = NULL;
	bare->url_headers = NULL;
	if (url_e(s, sizeof(s), bare) >= (issize_t)sizeof(s))
		return -EINVAL;
	return uri_aor(s, ret, NULL);
}

char *field_text(const void *header)
{
	struct text field = TEXT_INIT;

	if (!header)
		return NULL;
	agent_add_field(&field, header);
	return text_take(&field);
}

char *field_clean_copy(const char *s, size_t max)
{
	size_t n = s ? strlen(s) : 0;

	return n > 0 && n <= max && !chars_have_control(s, n) ? mem_strdup(s) : NULL;
}

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
	bare->url_password = NULL;
	bare->url_params = NULL;
	bare->url_headers = NULL;
	if (url_e(s, sizeof(s), bare) >= (issize_t)sizeof(s))
		return -EINVAL;
	return uri_aor(s, ret, NULL);
}

/* A telephone number as a SIP address (RFC 3261, 19.1.6), without what only separates its digits (RFC 3966, 3). */
static void add_number(struct text *out, const char *number, const char *domain)
{
	for (; *number && *number != ';'; number++)
		if (chars_is_alnum(*number) || *number == '+' || *number == '*' || *number == '#')
			text_add_bytes(out, number, 1);
	text_add_all(out, "@", domain);
}

void field_sender(const url_t *url, const char *domain, char ret[URI_MAX_AOR + 1])
{
	CLEANUP(text_deinit) struct text number = TEXT_INIT;

	if (!field_aor(url, ret))
		return;
	if (url && url->url_type == url_tel && url->url_user)
		add_number(&number, url->url_user, domain);
	if (!number.n || uri_aor(text_str(&number), ret, NULL))
		snprintf(ret, URI_MAX_AOR + 1, "anonymous@anonymous.invalid");
}

char *field_text(const void *header)
{
	struct text field = TEXT_INIT;

	if (!header)
		return NULL;
	agent_add_field(&field, header);
	return text_take(&field);
}

/*
 * Clearing house: the channel behind a notification URI
 */
#include "mcxd/clearing_house/uri_channel.h"

#include "proto/push/body.h"
#include "proto/push/notification_uri.h"
#include "proto/text/chars.h"
#include "proto/text/text.h"

/* Two spellings of a host are one host; the rest of a URI may mean something else with other letters. */
void uri_channel_address(const struct push_body *b, struct text *host, struct text *channel)
{
	struct notification_uri uri;
	const char *why;

	if (notification_uri_decode(b->notification_uri, &uri, &why) < 0)
		return;
	for (size_t i = 0; i < uri.n_host; i++) {
		char lower = chars_lower(uri.authority[i]);

		text_add_bytes(host, &lower, 1);
	}
	text_add(host, ":");
	text_add_number(host, uri.port);
	text_add_all(channel, text_str(host), uri.authority + uri.n_authority);
}

/*
 * Roaming contacts
 */
#include "proto/sip/roaming.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

void roaming_begin(struct text *out)
{
	text_add(out, "<contactList deltaNum=\"1\"><group id=\"1\" name=\"~\" externalURI=\"\"/>");
}

void roaming_add(struct text *out, const char *aor, const char *name)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT, display = TEXT_INIT;

	text_add_xml(&uri, aor);
	text_add_xml(&display, name);
	text_add_all(out, "<contact uri=\"", text_str(&uri), "\" name=\"", text_str(&display),
		     "\" groups=\"1\" subscribed=\"true\" externalURI=\"\"/>");
}

void roaming_end(struct text *out)
{
	text_add(out, "</contactList>");
}

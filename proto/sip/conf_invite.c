/*
 * Invitations to conferences
 */
#include "proto/sip/conf_invite.h"

#include "proto/text/mem.h"
#include "proto/text/xml.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

struct reading {
	struct conf_invite invite;
	bool has_focus;
};

static const char *on_start(void *magic, const struct xml_element *e)
{
	struct reading *r = magic;
	const char *available = xml_attribute(e, "available");
	const struct {
		const char *name;
		bool *slot;
	} media[] = { { "im", &r->invite.im },
		      { "audio", &r->invite.audio },
		      { "av", &r->invite.audio },
		      { "video", &r->invite.video } };

	if (e->depth == 1)
		return xml_is(e, NULL, "Conferencing")
			       ? NULL
			       : "The document is not an invitation to a conference";
	for (size_t i = 0; e->depth == 2 && i < ARRAY_SIZE(media); i++)
		if (xml_is(e, NULL, media[i].name) &&
		    (!available || !strcasecmp(available, "true")))
			*media[i].slot = true;
	return NULL;
}

static const char *on_end(void *magic, const struct xml_element *e)
{
	struct reading *r = magic;

	if (e->depth != 2 || !xml_is(e, NULL, "focus-uri"))
		return NULL;
	r->has_focus = !strncasecmp(e->text, "sip:", 4) || !strncasecmp(e->text, "sips:", 5);
	return r->has_focus ? NULL : "The focus of the conference is not a SIP URI";
}

int conf_invite_decode(const void *p, size_t n, struct conf_invite *ret, const char **ret_why)
{
	struct reading r = { 0 };
	const struct xml_reader reader = { .max_bytes = CONF_INVITE_MAX_BYTES,
					   .on_start = on_start,
					   .on_end = on_end,
					   .magic = &r };
	int err = xml_read(p, n, &reader, ret_why);

	if (!err && !r.has_focus) {
		*ret_why = "The conference has no focus";
		err = -EINVAL;
	}
	if (err)
		r.invite = (struct conf_invite){ 0 };
	else if (!r.invite.audio && !r.invite.video)
		r.invite.im = true;
	*ret = r.invite;
	return err;
}

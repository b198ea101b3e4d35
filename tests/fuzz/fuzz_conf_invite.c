/*
 * Invitations to conferences: each is about something, or says what is wrong with it.
 */
#include "proto/sip/conf_invite.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_invite invite;
	const char *why = NULL;
	int err = conf_invite_decode(data, size, &invite, &why);

	assert(!err == (invite.im || invite.audio || invite.video));
	assert(!err || why);
	return 0;
}

/*
 * Session descriptions
 */
#include "proto/sip/sdp_im.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/text.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct sdp_im_session answer = { .address = "127.0.0.1", .port = 5060 };
	struct sdp_im sdp, again;
	const char *why = NULL;

	if (sdp_im_decode(data, size, &sdp, &why)) {
		assert(why);
		return 0;
	}
	assert(sdp.port <= 65535 && (!sdp.im || sdp.port));
	answer.reads = sdp.reads;
	answer.old_media = sdp.old_media;
	assert(!sdp_im_encode(&t, &answer));
	assert(!sdp_im_decode(t.data, t.n, &again, &why));
	assert(again.im && again.old_media == sdp.old_media);
	assert(again.reads == (sdp.reads ? sdp.reads : MESSAGE_PLAIN));
	CLEANUP(text_deinit) struct text outline = TEXT_INIT;
	sdp_im_outline(data, size, &outline);
	answer.outline = text_str(&outline);
	text_reset(&t);
	assert(!sdp_im_encode(&t, &answer));
	assert(!sdp_im_decode(t.data, t.n, &again, &why));
	assert(again.im == sdp.im && !again.audio && !again.video);
	return 0;
}

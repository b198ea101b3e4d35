/*
 * The body of the push MESSAGE: what was decoded can be encoded, and keeps its meaning.
 */
#include "proto/push/body.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text again = TEXT_INIT;
	struct push_body b, back;
	const char *why = NULL;

	if (push_body_decode(data, size, &b, &why) < 0) {
		assert(why);
		return 0;
	}
	push_body_encode(&again, &b);
	/* Escapes can make it longer than the limit. */
	if (again.n <= PUSH_BODY_MAX_BYTES) {
		assert(push_body_decode(again.data, again.n, &back, &why) == 0);
		assert(!strcmp(b.id, back.id) && b.missed == back.missed);
		assert(!b.withdraws == !back.withdraws && !b.conversation == !back.conversation);
		push_body_deinit(&back);
	}
	push_body_deinit(&b);
	return 0;
}

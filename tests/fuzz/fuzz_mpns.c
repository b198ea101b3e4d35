/*
 * Toasts and tiles: what was decoded can be encoded, and keeps its meaning.
 */
#include "proto/push/mpns.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text again = TEXT_INIT;
	struct mpns_notification n, back;
	const char *why = NULL;

	if (mpns_decode(data, size, &n, &why) < 0) {
		assert(why);
		return 0;
	}
	mpns_encode(&again, &n);
	/* Escapes can make it longer than the limit. */
	if (again.n <= MPNS_MAX_BYTES) {
		assert(mpns_decode(again.data, again.n, &back, &why) == 0);
		assert(back.kind == n.kind && back.count == n.count);
		mpns_deinit(&back);
	}
	mpns_deinit(&n);
	return 0;
}

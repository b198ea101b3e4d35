/*
 * Withdrawals: what was decoded can be encoded, and says the same.
 */
#include "proto/push/withdrawal.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text again = TEXT_INIT;
	char id[WITHDRAWAL_ID_SIZE], back[WITHDRAWAL_ID_SIZE];
	const char *why = NULL;

	if (withdrawal_decode(data, size, id, &why) < 0) {
		assert(why);
		return 0;
	}
	withdrawal_encode(&again, id);
	assert(withdrawal_decode(again.data, again.n, back, &why) == 0);
	assert(!strcmp(id, back));
	return 0;
}

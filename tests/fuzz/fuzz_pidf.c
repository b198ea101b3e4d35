/*
 * Presence documents and lists of resources: what was decoded can be encoded, and is the same when it is read again.
 */
#include "proto/sip/category.h"
#include "proto/sip/pidf.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *on_resource(void *magic, const char *aor)
{
	size_t *n = magic;

	assert(*aor);
	return ++*n < 100 ? NULL : "too many";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text again = TEXT_INIT;
	char note[PIDF_NOTE_SIZE], same[PIDF_NOTE_SIZE];
	enum pidf_activity activity, back;
	const char *why = NULL;
	size_t n = 0;

	if (category_read_list(data, size, on_resource, &n, &why) < 0)
		assert(why);
	why = NULL;
	if (pidf_decode(data, size, &activity, note, &why) < 0) {
		assert(why);
		return 0;
	}
	pidf_encode(&again, &(struct pidf){ .aor = "bob@lab.test",
					    .activity = activity,
					    .note = *note ? note : NULL });
	assert(pidf_decode(again.data, again.n, &back, same, &why) == 0);
	/* There is one word for both. */
	if (activity == PIDF_BE_RIGHT_BACK)
		activity = PIDF_AWAY;
	assert(back == activity);
	return 0;
}

/*
 * APNs: payloads keep their meaning when written again; answers and headers are read without harm.
 */
#include "proto/push/apns.h"
#include "proto/push/apns_payload.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_headers(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *s = mem_memdup(data, size);
	const struct apns_values values = { .topic = s,
					    .id = s,
					    .collapse_id = s,
					    .push_type = s,
					    .priority = s,
					    .expiration = s };
	struct apns_headers h;

	/* No string is a good value of all of them. */
	assert(apns_headers_decode(&values, &h) != APNS_ACCEPTED);
	assert(apns_headers_decode(&(struct apns_values){ .expiration = s }, &h) != APNS_ACCEPTED ||
	       h.expiration_s >= 0);
	assert(!apns_is_device_token(s) || strlen(s) % 2 == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text again = TEXT_INIT;
	struct apns_payload p, back;
	const char *why = NULL;

	try_headers(data, size);
	assert(apns_reason_status(apns_answer_decode(410, data, size).reason) == 410);
	assert(apns_answer_decode(302, data, size).reason == APNS_UNKNOWN);
	if (apns_payload_decode(data, size, &p, &why) < 0) {
		assert(why && !p.title && !p.id);
		return 0;
	}
	apns_payload_encode(&again, &p);
	assert(apns_payload_decode(again.data, again.n, &back, &why) == 0);
	assert(back.badge == p.badge && back.content_available == p.content_available);
	assert(!p.body == !back.body && !p.withdraws == !back.withdraws);
	apns_payload_deinit(&back);
	apns_payload_deinit(&p);
	return 0;
}

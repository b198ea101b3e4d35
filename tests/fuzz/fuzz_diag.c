/*
 * ms-diagnostics values
 */
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_member(const char *s, size_t size)
{
	assert(strlen(s) < size);
	for (; *s; s++)
		assert((unsigned char)*s >= 0x20 && *s != 0x7F);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *s = mem_memdup(data, size);
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct diag d = diag_make(DIAG_SUCCESS);
	struct diag_header h, again;

	if (!diag_decode(s, &h)) {
		assert(h.id >= 0);
		check_member(h.reason, sizeof(h.reason));
		check_member(h.source, sizeof(h.source));
		check_member(h.info, sizeof(h.info));
		d.info = h.info;
	} else {
		d.info = s;
	}
	/* info cannot break out of its quotes. */
	diag_encode(&t, &d, "fe.lab.test");
	assert(!strpbrk(text_str(&t), "\r\n"));
	assert(!diag_decode(text_str(&t), &again) && again.id == 30000);
	assert(!strcmp(again.source, "fe.lab.test"));
	return 0;
}

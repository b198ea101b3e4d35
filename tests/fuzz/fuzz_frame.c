/*
 * Frames: however a stream is cut into reads, the same messages come out of it; and what is answered from text is whole lines.
 */
#include "proto/sip/frame.h"
#include "proto/sip/unparsed.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_frame(const struct frame *f, size_t n)
{
	switch (f->kind) {
	case FRAME_MORE: assert(f->n == 0 || f->n > n); break;
	case FRAME_BLANK: assert(f->n > 0 && f->n <= n); break;
	case FRAME_MESSAGE: assert(f->n_head > 0 && f->n_head <= f->n && f->n <= n); break;
	case FRAME_UNFRAMED:
	case FRAME_BARE_LF: assert(f->why && f->n_head > 0 && f->n_head <= n); break;
	case FRAME_JUNK: assert(f->why); break;
	}
}

/* Everything at once, against a byte more each time. */
static void check_cuts(const char *p, size_t n)
{
	size_t scanned_whole = 0, scanned = 0;
	struct frame whole = frame_find(p, n, &scanned_whole), f = { .kind = FRAME_MORE };

	check_frame(&whole, n);
	for (size_t i = 1; i <= n && f.kind == FRAME_MORE; i++) {
		f = frame_find(p, i, &scanned);
		check_frame(&f, i);
	}
	if ((whole.kind == FRAME_MESSAGE || whole.kind == FRAME_BARE_LF) && f.kind != FRAME_JUNK)
		assert(f.kind == whole.kind && f.n == whole.n && f.n_head == whole.n_head);
}

static void check_answer(const char *p, size_t n)
{
	static const struct unparsed_answer answer = { "why", "server", "tag", "127.0.0.1",
						       "5060" };
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	if (!unparsed_refuse(&out, p, n, &answer))
		return;
	assert(out.n > 4 && !memcmp(out.data + out.n - 4, "\r\n\r\n", 4));
	for (size_t i = 0; i < out.n; i++)
		if (out.data[i] == '\n')
			assert(i > 0 && out.data[i - 1] == '\r');
	assert(memmem(out.data, out.n, "\r\n\r\n", 4) == out.data + out.n - 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;

	if (size > 4096)
		return 0;
	check_cuts(p, size);
	check_answer(p, size);
	return 0;
}

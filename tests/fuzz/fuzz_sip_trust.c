/*
 * What only trusted servers may say: once it is taken off, nothing of it is left, neither for sofia, which is lenient, nor for the
 * reader of lines, which is strict.
 */
#include "proto/sip/trust.h"

#include "proto/sip/line.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>
#include <sofia-sip/msg.h>
#include <sofia-sip/msg_buffer.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <stdint.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_unknown(const sip_unknown_t *h)
{
	for (; h; h = h->un_next)
		assert(!h->un_name || !sip_trust_is_header(h->un_name, strlen(h->un_name)));
}

static void check_vias(const sip_via_t *v)
{
	for (; v; v = v->v_next)
		for (size_t i = 0; v->v_params && v->v_params[i]; i++)
			assert(strncasecmp(v->v_params[i], "ms-internal-info", 16) != 0 ||
			       !strchr("=", v->v_params[i][16]));
}

/* As mcxd/sip/deliver.c gives it a message. */
static void check_sofia(const char *p, size_t n)
{
	msg_t *msg = msg_create(sip_default_mclass(), MSG_DO_EXTRACT_COPY);
	char *copy = su_alloc(msg_home(msg), (isize_t)n + 1);
	const sip_t *sip;

	for (size_t i = 0; i < n; i++)
		copy[i] = (char)(p[i] ? p[i] : '\x01');
	copy[n] = '\0';
	msg_buf_set(msg, copy, (usize_t)n + 1);
	msg_buf_commit(msg, (usize_t)n, 1);
	msg_extract(msg);
	sip = sip_object(msg);
	if (sip) {
		check_unknown(sip->sip_unknown);
		check_vias(sip->sip_via);
	}
	msg_destroy(msg);
}

static void check_lines(const char *p, size_t n)
{
	const char *end = p + n;
	struct sip_line l;

	p = n > 0 ? memmem(p, n, "\r\n", 2) : NULL;
	if (!p)
		return;
	for (p += 2; sip_line_read(&p, end, &l);)
		assert(!sip_trust_is_header(l.p, l.n_name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text once = TEXT_INIT;
	CLEANUP(text_deinit) struct text twice = TEXT_INIT;
	const char *p = (const char *)data;

	if (size > 4096 || size == 0)
		return 0;
	if (sip_trust_strip(&once, p, size)) {
		p = once.data;
		size = once.n;
		assert(size == 0 || sip_trust_strip(&twice, p, size) == 0);
	}
	while (size > 0 && strchr(" \t\r\n", *p) && *p) { /* a frame begins behind them */
		p++;
		size--;
	}
	check_sofia(p, size);
	check_lines(p, size);
	return 0;
}

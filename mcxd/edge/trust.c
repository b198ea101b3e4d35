/*
 * Edge: what it vouches for
 */
#include "mcxd/base/random.h"
#include "mcxd/edge/edge.h"
#include "mcxd/edge/private.h"
#include "proto/sip/line.h"
#include "proto/sip/text.h"
#include "proto/text/base64.h"
#include "proto/text/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* 58 characters in all published traces, of which the last ten are the same in all of them. */
enum { INTERNAL_INFO_BYTES = 36 };
#define INTERNAL_INFO_END "AAAAAAAAAA"

void edge_add_via_params(struct text *out)
{
	unsigned char bytes[INTERNAL_INFO_BYTES];

	random_bytes(bytes, sizeof(bytes));
	text_add(out, ";branched=FALSE;ms-internal-info=\"");
	base64_encode_url(out, bytes, sizeof(bytes));
	text_add(out, INTERNAL_INFO_END "\"");
}

/* A level that a hop without an allowed certificate asserts has been removed by now (proto/sip/trust.h). */
static bool is_verified(const char *answer, size_t n)
{
	static const char verified[] = SIP_TEXT_VERIFIED;
	struct sip_line line;

	return sip_line_find(answer, n, "ms-asserted-verification-level", &line) &&
	       line.n_value == sizeof(verified) - 1 &&
	       !strncasecmp(line.value, verified, line.n_value);
}

void edge_add_trust(const struct edge *e, const char *answer, size_t n, struct text *out)
{
	text_add_all(out, "ms-edge-proxy-message-trust: ms-source-type=DirectPartner;ms-ep-fqdn=",
		     e->config->fqdn, ";",
		     is_verified(answer, n) ? SIP_TEXT_VERIFIED : SIP_TEXT_UNVERIFIED,
		     ";ms-source-network=federation");
}

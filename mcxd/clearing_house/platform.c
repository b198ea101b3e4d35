/*
 * Clearing house: platforms
 */
#include "mcxd/clearing_house/platform.h"

#include "proto/diag.h"
#include "proto/text/mem.h"
#include "web/http/client.h"

#include <stdio.h>

static const struct platform *const platforms[] = { &platform_mpns, &platform_apns,
						    &platform_webhook };

const struct platform *platform_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(platforms); i++)
		if (!strcmp(platforms[i]->name, name))
			return platforms[i];
	return NULL;
}

void platform_judge(const struct platform *p, struct clearing_house *house,
		    const struct http_result *r, int64_t token_issued_s, struct outcome *ret)
{
	*ret = (struct outcome){ .code = DIAG_SUCCESS, .after_ms = -1 };
	if (r->status != 0) {
		p->judge(house, r, token_issued_s, ret);
		return;
	}
	ret->code = DIAG_PUSH_UNREACHABLE;
	snprintf(ret->info, sizeof(ret->info), "%s", http_failure_sentence(r->failure));
}

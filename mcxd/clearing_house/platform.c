/*
 * Clearing house: platforms
 */
#include "mcxd/clearing_house/platform.h"

#include "mcxd/base/backoff.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "web/http/client.h"

#include <stdio.h>
#include <time.h>

static const struct platform *const platforms[] = { &platform_mpns, &platform_apns,
						    &platform_webhook };

const struct platform *platform_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(platforms); i++)
		if (!strcmp(platforms[i]->name, name))
			return platforms[i];
	return NULL;
}

/* A push service that has trouble and says when to come back may take the same request then (RFC 9110 10.2.3). */
static void conclude(struct outcome *o, int status)
{
	bool is_trouble = o->code == DIAG_PUSH_UNAVAILABLE;

	if (is_trouble && o->after_ms >= 0)
		o->is_later = true;
	if ((is_trouble || o->code == DIAG_PUSH_REFUSED) && !*o->info)
		snprintf(o->info, sizeof(o->info), "It answered %d", status);
}

void platform_judge(const struct platform *p, struct clearing_house *house,
		    const struct platform_answer *a, struct outcome *ret)
{
	const struct http_result *r = a->result;

	*ret = (struct outcome){ .code = DIAG_PUSH_UNREACHABLE, .after_ms = -1 };
	if (r->status == 0) {
		snprintf(ret->info, sizeof(ret->info), "%s", http_failure_sentence(r->failure));
		return;
	}
	ret->code = DIAG_SUCCESS;
	/* The push service chooses a date by the real time. */
	ret->after_ms = backoff_read(r->header(r, "Retry-After"), time(NULL));
	p->judge(house, a, ret);
	conclude(ret, r->status);
}

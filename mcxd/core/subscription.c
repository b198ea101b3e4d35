/*
 * Push subscription: its end
 */
#include "mcxd/core/subscription.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/core.h"
#include "mcxd/core/note.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"

static void end(struct phone *p, int64_t dead_since_us, const char *action, const char *words)
{
	phone_set_subscription(p, &(struct subscription){ .ended_wall_us = dead_since_us });
	phone_store(p, NULL, NULL);
	note_add(p->user->core,
		 &(struct note){ .kind = "user",
				 .users = { p->user->aor },
				 .phone = p->app_id,
				 .key = p->fsm.key,
				 .fields = { { "action", action } } },
		 "%s's phone %s", p->user->aor, words);
	/* Without one it may be silent for less time: the session looks at it again. */
	loop_timer_hasten(&p->expiry);
}

void subscription_end(struct phone *p, const char *action, const char *words)
{
	end(p, 0, action, words);
}

void subscription_die(struct phone *p)
{
	if (p->subscription.platform)
		end(p, loop_wall_us(p->user->core->loop), "subscription-dead",
		    "is not pushed any more: the push service says that its channel is dead");
}

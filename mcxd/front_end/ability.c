/*
 * Abilities
 */
#include "mcxd/front_end/ability.h"

#include "mcxd/core/binding.h"
#include "mcxd/front_end/private.h"

#include <sofia-sip/sip_header.h>

bool ability_lacks_sessions(int status)
{
	return status == 405 || status == 415 || status == 488 || status == 501;
}

static bool lacks_messages(int status)
{
	return status == 405 || status == 415 || status == 501;
}

static void set(struct binding *b, enum binding_flaw flaw, bool has)
{
	b->flaws = has ? b->flaws | (unsigned)flaw : b->flaws & ~(unsigned)flaw;
}

/* What Allow lists is all that it knows (RFC 3261, 20.5). A method can be known and its bodies not. */
static void learn_methods(struct binding *b, const sip_allow_t *allow)
{
	if (!allow)
		return;
	if (!sip_is_allowed(allow, sip_method_invite, "INVITE"))
		set(b, BINDING_NO_SESSIONS, true);
	set(b, BINDING_NO_MESSAGES, !sip_is_allowed(allow, sip_method_message, "MESSAGE"));
}

void ability_learn(struct front_end *s, uint64_t binding, const sip_t *answer)
{
	struct binding *b = binding_get(s->core, binding);
	int status = answer->sip_status->st_status;

	if (!b)
		return;
	learn_methods(b, answer->sip_allow);
	if (answer->sip_cseq->cs_method == sip_method_invite) {
		if (ability_lacks_sessions(status) || status < 300)
			set(b, BINDING_NO_SESSIONS, status >= 300);
	} else if (lacks_messages(status) || status < 300) {
		set(b, BINDING_NO_MESSAGES, status >= 300);
	}
}

bool ability_takes_messages(const struct binding *b)
{
	return !(b->flaws & BINDING_NO_MESSAGES);
}

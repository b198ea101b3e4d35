/*
 * Conversation: its outcome
 */
#include "mcxd/core/conversation_outcome.h"

#include "mcxd/core/conversation.h"
#include "mcxd/core/foreign.h"
#include "mcxd/core/summary.h"
#include "proto/diag.h"
#include "proto/text/mem.h"

static void set_words(struct conversation *v, const struct foreign *as)
{
	struct foreign *copy = foreign_copy(as);

	foreign_free(v->outcome_as);
	v->outcome_as = copy;
}

void conversation_set_outcome(struct conversation *v, const struct diag *outcome,
			      const struct foreign *as)
{
	mem_set_string(&v->reason, outcome->info);
	v->outcome = *outcome;
	v->outcome.info = v->reason;
	set_words(v, as);
}

static bool is_challenge(int status)
{
	return status == 401 || status == 407;
}

/* Within a class: what tells the caller how to ask again comes first, and that somebody is not there last. */
static int rank_of(const struct diag *d)
{
	switch (d->sip_status) {
	case 401:
	case 407:
	case 415:
	case 420:
	case 484: return 2;
	default: return d->code != DIAG_NOT_REGISTERED;
	}
}

/* 6xx first, then the lowest class. */
static bool is_better(const struct diag *a, const struct diag *b)
{
	int class_a = a->sip_status / 100, class_b = b->sip_status / 100;

	if (class_b == 0)
		return true;
	if (class_a == class_b)
		return rank_of(a) > rank_of(b);
	return class_a == 6 || (class_b != 6 && class_a < class_b);
}

/* Whose endpoints all ask for credentials is to answer all of them (step 7). */
static bool asks_too(const struct conversation *v, const struct diag *d)
{
	return v->outcome_as && is_challenge(v->outcome.sip_status) && is_challenge(d->sip_status);
}

static void weigh(struct conversation *v, const struct diag *why, const struct foreign *as)
{
	if (is_better(why, &v->outcome))
		conversation_set_outcome(v, why, as);
	else if (asks_too(v, why) && as && as->challenges)
		foreign_add_challenges(v->outcome_as, as->challenges);
}

/* An endpoint's 503 speaks of that endpoint only, and ours would speak of all that can be called through us. */
void conversation_weigh(struct conversation *v, const struct diag *why, const struct foreign *as)
{
	struct foreign words;
	struct diag outcome = *why;

	if (!as || why->sip_status != 503) {
		weigh(v, why, as);
		return;
	}
	words = *as;
	words.phrase = NULL;
	outcome.sip_status = 500;
	weigh(v, &outcome, &words);
}

void conversation_summarize(const struct conversation *v)
{
	struct conversation_summary *s = summary_add(v->core);

	if (!s)
		return;
	s->id = v->id;
	s->from = mem_strdup(v->from);
	s->to = mem_strdup(v->to);
	s->first_line = mem_strdup(v->preview);
	s->sip_status = v->outcome.sip_status;
	s->reason = mem_strdup(conversation_reason(v));
	s->began_wall_us = v->began_wall_us;
	s->answered_wall_us = v->answered_wall_us;
	s->ended_wall_us = v->ended_wall_us;
	s->n_messages = v->n_messages;
}

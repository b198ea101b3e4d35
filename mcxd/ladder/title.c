/*
 * Ladder: the line above a drawing
 */
#include "mcxd/ladder/title.h"

#include "proto/text/text.h"

static bool is_known(const char *s)
{
	return s && *s;
}

void ladder_title(struct text *out, const struct ladder_title *t, bool ascii)
{
	text_add_all(out, "Conversation ", t->id);
	if (!is_known(t->from))
		return;
	text_add_all(out, ": ", t->from, ascii ? " -> " : " → ", t->to);
	if (is_known(t->first_line))
		text_add_all(out, ", \"", t->first_line, "\"");
	if (is_known(t->status))
		text_add_all(out, ": ", t->status, " ", t->reason);
	else if (is_known(t->state))
		text_add_all(out, ": ", t->state);
}

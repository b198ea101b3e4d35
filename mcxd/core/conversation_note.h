/*
 * Conversation: its records in the journal
 */
#pragma once

struct conversation;
struct leg;

/** link: the key of what brought the invitation. */
void conversation_note_invited(const struct conversation *v, const char *link);
void conversation_note_answered(const struct conversation *v, const char *aor);
/** The outcome is there already. */
void conversation_note_failed(const struct conversation *v);
/** by: the leg that ended it; NULL: the server. */
void conversation_note_ended(const struct conversation *v, const struct leg *by);

/*
 * Invite
 */
#pragma once

struct conn;
struct text;

/** Add INVITE number i for TCP, to USER0@lab.test, USER1@… in turn. Its Call-ID is "invite-I". */
void invite_add(struct text *out, unsigned long i, const char *user, unsigned long n_users);

/** Acknowledge a final answer that is not 2xx. */
void invite_acknowledge(struct conn *c, const char *head);

/*
 * Resume
 *
 * The phones' side of the bench for a server that goes on with a held INVITE on "POST /accept/m7".
 */
#pragma once

/** address is the server's HTTP listener. */
void resume_start(const char *address);

/** A push for one of them. */
void resume_push(unsigned long index);

/** Answers that were not 2xx. */
unsigned long resume_failed(void);

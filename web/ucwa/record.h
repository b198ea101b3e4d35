/*
 * HTTPS API: the journal
 *
 * A record about a conversation has the key of the conversation and no second one. If it had the application's
 * key as well, all conversations of an application would be one story.
 */
#pragma once

#include <stdint.h>

struct ucwa;
struct ucwa_event;
struct ucwa_request;

/** Record the exchange. */
void ucwa_record(struct ucwa_request *q, int status);
/** What went over the wire, now that it is being answered: of the exchange that was recorded last. Credentials are
 *  covered. */
void ucwa_record_answer(const struct ucwa_request *q);
/** Record the exchange with the status that it is going to have, before its effects, so that the journal
 *  has them in their order. */
void ucwa_expect(struct ucwa_request *q, int status);
/** Record a malformed request. q: NULL if the server refused it before it was one of ours. */
void ucwa_fault(struct ucwa *u, const struct ucwa_request *q, const char *peer, const char *what);
/** Record an event that goes out in a packet. */
void ucwa_record_event(struct ucwa_request *q, const struct ucwa_event *e, uint64_t packet);

/*
 * Resuming
 *
 * An app that comes back as the application that it was may have conversations that it has forgotten: it asks the server
 * which there are, and with whom, before it takes any event about them.
 */
#pragma once

#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/phone/request.h"

#include <json-c/json.h>
#include <stddef.h>

struct sim_resume_args {
	struct sim_requests *requests;
	struct sim_chats *chats;
	void (*on_read)(void *magic); /* when all are known */
	void *magic;
};

struct sim_resume {
	struct sim_resume_args args;
	struct json_object *list; /* being read; NULL: nothing is */
	size_t n_read;
	char *messaging;           /* href, of the one that is being read */
	struct json_object *other; /* the other participant of it */
};

void sim_resume_init(struct sim_resume *m, const struct sim_resume_args *args);
void sim_resume_deinit(struct sim_resume *m);

/** Read the conversations at this link, then call on_read; immediately if href is NULL. */
void sim_resume_read(struct sim_resume *m, const char *href);

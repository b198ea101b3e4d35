/*
 * Clearing house: what the journal says of a notification
 */
#pragma once

#include "mcxd/clearing_house/platform.h"

#include <stdint.h>

struct http_result;
struct journal;
struct post;
struct push_body;

/** What all its records share. */
struct record_names {
	const struct push_body *body;
	char *user;     /* AoR of the phone's owner; NULL if unknown */
	char *sip_key;  /* "sip:<Call-ID>" */
	char *push_key; /* "mpns:<id>" */
};

/** The push has come, and is linked to its requests. */
void record_push(struct journal *j, const struct record_names *names);
/** A request leaves; its answer has come, or will not. */
void record_post(struct journal *j, const struct record_names *names, const struct post *p);
void record_result(struct journal *j, const struct record_names *names, const char *what,
		   const struct http_result *r);
/** It is to be sent again, after a time. */
void record_retry(struct journal *j, const struct record_names *names, const struct outcome *why,
		  int64_t after_ms);
/** Its channel is dead. */
void record_dead(struct journal *j, const struct record_names *names, const struct outcome *why);

void record_names_deinit(struct record_names *names);

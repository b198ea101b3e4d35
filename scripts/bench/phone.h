/*
 * Phone
 *
 * Many phones of mcxd for the bench. Each signs in once, goes to the background, and from then on:
 * a push makes it ask for events, accept what it finds, answer each message with one of its own,
 * and go to the background again when its conversations have ended. Its event channel and its
 * commands have a connection each, both kept open.
 */
#pragma once

struct phones_config {
	const char *http;     /* mcxd's plain HTTP listener, "127.0.0.1:8080" */
	const char *domain;   /* phone 7 is of user m7@domain */
	const char *password; /* of all of them */
	unsigned long n;
};

/** Sign all of them in; on_ready is called once that is done. */
void phones_start(const struct phones_config *config, void (*on_ready)(void));

/** A push for one of them. */
void phone_push(unsigned long index);

struct phones_count {
	unsigned long accepted, answered, ended, failed;
};

const struct phones_count *phones_count(void);

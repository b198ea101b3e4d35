/*
 * Late
 *
 * How late the 408s of invitations come that nobody answers: INVITEs over TCP at an even rate, to USER0@lab.test, USER1@…
 */
#pragma once

struct late_config {
	const char *address;
	unsigned long rate, seconds;
	unsigned long wait_ms; /* until the server's 408 */
	const char *user;
	unsigned long n_users;
};

void late_run(const struct late_config *config);

/*
 * Window
 */
#include "mcxd/sim/window.h"

#include "proto/text/text.h"

const char sim_window_waiting[] = "Waiting for a response…";

static const struct {
	int status; /* 0: every other */
	const char *before, *after;
} rows[] = {
	{ 408, "This message may not have been delivered to ", "." },
	{ 404, "This message was not delivered to ", " because this person is offline." },
	{ 480, "This message was not delivered to ", " because this person is offline." },
	{ 486, "", " does not want to be disturbed." },
	{ 415, "", " cannot receive this type of message." },
	{ 488, "", " cannot receive this type of message." },
	{ 0, "This message was not delivered to ", " because the service is not available." },
};

char *sim_window_failure(int status, const char *peer)
{
	size_t i = 0;

	/* The answer to our own CANCEL. */
	if (status == 487)
		return NULL;
	while (rows[i].status && rows[i].status != status)
		i++;
	return text_concat(rows[i].before, peer, rows[i].after);
}

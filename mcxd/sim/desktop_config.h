/*
 * Configuration of a simulated desktop
 */
#pragma once

#include "mcxd/sim/sim.h"

#include <stdbool.h>
#include <stdint.h>

struct sim_dialog;
struct tls_context;

struct sim_desktop_config {
	const char *server;    /* "127.0.0.1:5060"; a name must be in the stack's table of hosts */
	const char *user;      /* address of record */
	const char *name;      /* display name; may be NULL */
	const char *password;  /* with which challenges are answered; NULL: they are not */
	const char *transport; /* "tcp", "tls" or "udp"; NULL: TCP */
	struct tls_context *tls; /* for "tls"; it outlives the desktop */
	enum sim_reaction on_invite;
	bool echo;               /* send every message back */
	bool repeat_first_line;  /* send it again as a MESSAGE once connected, as old clients do */
	int64_t hang_up_after;   /* messages received; 0: never */
	int64_t cancel_after_ms; /* of ringing; 0: never */
	const struct sim_dialog
		*dialog; /* to go on with, needed only by sim_desktop_start(); NULL: none */
};

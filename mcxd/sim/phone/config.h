/*
 * Configuration of a simulated phone
 */
#pragma once

#include "mcxd/sim/sim.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What Lync Mobile on a Windows Phone calls itself. */
#define SIM_PHONE_USER_AGENT                                                                       \
	"WPLync/4.1.7947.0 (Microsoft Windows CE 7.10.7720; SAMSUNG SGH-i937 2103.11.10.1)"

/* The same on an iPhone. */
#define SIM_IPHONE_USER_AGENT "iPhoneLync/4.3.8130.2 (iPhone iOS 6.1.3)"

#define SIM_PHONE_CULTURE "en-US"

struct hosts;

enum { SIM_PHONE_MAX_REACTIONS = 16 };

struct sim_phone_config {
	const char *server;        /* base URL, or the URL where autodiscover starts */
	const struct hosts *hosts; /* names that may be connected to; NULL: none */
	const char *ca_file;       /* certificates to trust; NULL: the system's */
	const char *user;          /* address of record without scheme */
	const char *password;
	const char *push_service_url; /* NULL: no channel, no pushes */
	const char *user_agent;       /* NULL: SIM_PHONE_USER_AGENT, or SIM_IPHONE_USER_AGENT */
	const char *phone_name;       /* at the push service; NULL: user */
	const char *endpoint_id;      /* come back as the same application; NULL: a new one */
	const char *im_to;            /* whom to write to once signed in; may be NULL */
	const char *im_text;          /* the first line of that */
	const char *say;              /* once connected; may be NULL */
	bool stays;      /* connects only to the origins of server and push_service_url */
	bool iphone;     /* it is reached by APNs */
	bool no_toasts;  /* its user wants none; of a Windows Phone */
	bool background; /* wait for toasts there; needs push_service_url */
	bool echo;       /* send every message back, the first line too */
	bool sign_out;   /* at the end; a real phone leaves application and channel */
	/* reactions to the first, second, … toast in the background; the last one applies to all further
	 * toasts; none: SIM_ACCEPT */
	enum sim_reaction on_toast[SIM_PHONE_MAX_REACTIONS];
	size_t n_on_toast;
	enum sim_reaction on_invite; /* in the foreground */
	int64_t hang_up_after;       /* messages received, the first line counts; 0: never */
};

/** Fill in the defaults that the comments above give. */
void sim_phone_config_complete(struct sim_phone_config *c);

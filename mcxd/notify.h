/*
 * Notify: telling the service manager how the daemon is
 *
 * systemd's protocol of sd_notify(3): datagrams to the socket that $NOTIFY_SOCKET names. It is a dozen lines, and so not
 * worth libsystemd. The watchdog is fed by a timer of the loop, so that a loop that hangs is noticed.
 */
#pragma once

#include "mcxd/base/loop.h"

struct notify {
	struct loop *loop;
	int fd; /* -1: nobody wants to know */
	int64_t watchdog_ms;
	struct loop_timer watchdog;
};

/** Take what the environment says, and remove it from there, so that no child speaks for this process. */
void notify_init(struct notify *n, struct loop *l);
void notify_deinit(struct notify *n);

void notify_ready(struct notify *n);
/** The next one is notify_ready(). */
void notify_reloading(struct notify *n);
void notify_stopping(struct notify *n);

/*
 * Window
 *
 * The sentences that a Lync client shows the sender of an instant message.
 */
#pragma once

/** While the other side rings. */
extern const char sim_window_waiting[];

/** When the INVITE to peer ended with this status; free() it. NULL: the sender has closed the window. */
char *sim_window_failure(int status, const char *peer);

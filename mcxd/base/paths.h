/*
 * Paths
 *
 * Where the daemon keeps its state by default, and where its tools look for it.
 */
#pragma once

/** "$XDG_STATE_HOME/mcxd"; "$HOME/.local/state/mcxd" if the former is not an absolute path (XDG Base Directory
 *  0.8, "Environment variables"); "/var/lib/mcxd" if there is no home either. free() it. */
char *paths_default_state_dir(void);

/** "lab.sock" in that directory. free() it. */
char *paths_default_lab_socket(void);

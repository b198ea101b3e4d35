/*
 * Paths
 *
 * Where the daemon keeps its state when it is not told, and where its tools look for it.
 */
#pragma once

/** "$XDG_STATE_HOME/mcxd", or "$HOME/.local/state/mcxd" when that is not an absolute path (XDG Base
 *  Directory 0.8, "Environment variables"); "/var/lib/mcxd" when there is no home either. free()
 * it. */
char *paths_default_state_dir(void);

/** "lab.sock" in that directory. free() it. */
char *paths_default_lab_socket(void);

/*
 * Paths
 */
#include "mcxd/base/paths.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

static const char *absolute_from_environment(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] == '/' ? value : NULL;
}

char *paths_default_state_dir(void)
{
	const char *state = absolute_from_environment("XDG_STATE_HOME");
	const char *home = absolute_from_environment("HOME");

	if (state)
		return text_format("%s/mcxd", state);
	if (home)
		return text_format("%s/.local/state/mcxd", home);
	return mem_strdup("/var/lib/mcxd");
}

char *paths_default_lab_socket(void)
{
	CLEANUP(mem_free_string) char *dir = paths_default_state_dir();

	return text_format("%s/lab.sock", dir);
}

/*
 * State directory
 */
#include "mcxd/state.h"

#include "mcxd/base/log.h"
#include "mcxd/base/paths.h"
#include "mcxd/core/core.h"
#include "mcxd/net/pki.h"
#include "mcxd/settings.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIR_MODE = 0755, MAX_NAMES = 32 };

/* The mode lets others in, because they need ca.pem; every other file has a mode of its own. In a new home, the
 * parents of the default directory are missing, too. */
static int make_directory(const char *path)
{
	CLEANUP(mem_free_string) char *copy = mem_strdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, DIR_MODE) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	if (mkdir(path, DIR_MODE) < 0)
		return errno == EEXIST ? 0 : -errno;
	return chmod(path, DIR_MODE) < 0 ? -errno : 0; /* the umask is 077 */
}

static int make_ephemeral(struct state *s)
{
	const char *tmp = getenv("TMPDIR");

	s->dir = text_format("%s/mcxd-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(s->dir))
		return -errno;
	s->ephemeral = true;
	return chmod(s->dir, DIR_MODE) < 0 ? -errno : 0;
}

static int make_permanent(struct state *s, const char *dir)
{
	struct stat st;
	char *absolute;
	int err;

	s->dir = *dir ? mem_strdup(dir) : paths_default_state_dir();
	err = make_directory(s->dir);
	if (err)
		return err;
	absolute = realpath(s->dir, NULL);
	if (!absolute || stat(absolute, &st) < 0 || !S_ISDIR(st.st_mode)) {
		err = absolute ? -ENOTDIR : -errno;
		free(absolute);
		return err;
	}
	free(s->dir);
	s->dir = absolute;
	return 0;
}

static int make_certificates(struct state *s, const struct settings *settings)
{
	CLEANUP(mem_free_string) char *copy = mem_strdup(settings->https_names);
	const char *dns[MAX_NAMES] = { settings->core.server_fqdn };
	const char *ips[] = { "127.0.0.1" };
	char *rest = copy, *name;
	size_t n_dns = 1;

	while ((name = strsep(&rest, ", ")) && n_dns < ARRAY_SIZE(dns))
		if (*name)
			dns[n_dns++] = name;
	return pki_ensure(
		s->dir,
		&(struct pki_names){
			.dns = dns, .n_dns = n_dns, .ips = ips, .n_ips = ARRAY_SIZE(ips) },
		&s->pki);
}

int state_init(struct state *s, const struct settings *settings, bool ephemeral)
{
	int err = ephemeral ? make_ephemeral(s) : make_permanent(s, settings->state_dir);

	if (err) {
		log_error("mcxd", NULL, "cannot create the state directory %s: %s", s->dir,
			  strerror(-err));
		return err;
	}
	return make_certificates(s, settings);
}

/* An ephemeral directory holds files only. */
static void remove_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(path);
}

void state_deinit(struct state *s)
{
	if (s->ephemeral)
		remove_directory(s->dir);
	pki_files_deinit(&s->pki);
	free(s->dir);
	*s = (struct state){ 0 };
}

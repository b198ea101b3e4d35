/*
 * State directory
 */
#include "mcxd/state.h"

#include "mcxd/base/log.h"
#include "mcxd/base/paths.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/core/core.h"
#include "mcxd/edge/edge.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/net/address.h"
#include "mcxd/net/pki.h"
#include "mcxd/settings.h"
#include "mcxd/sip/agent.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"

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

/* ---- certificates ---- */

struct names {
	const char *dns[MAX_NAMES], *ips[MAX_NAMES];
	size_t n_dns, n_ips;
	char *copies[MAX_NAMES]; /* whose parts these are */
	size_t n_copies;
};

static void add_name(struct names *n, const char *name)
{
	struct address ignored;

	if (address_read_host(name, &ignored)) {
		if (n->n_ips < MAX_NAMES)
			n->ips[n->n_ips++] = name;
	} else if (*name && n->n_dns < MAX_NAMES) {
		n->dns[n->n_dns++] = name;
	}
}

static void add_names(struct names *n, const char *list)
{
	char *rest, *name;

	if (n->n_copies == MAX_NAMES)
		return;
	rest = n->copies[n->n_copies++] = mem_strdup(list);
	while ((name = strsep(&rest, ", ")))
		add_name(n, name);
}

static bool has_ip(const struct names *n, const char *ip)
{
	for (size_t i = 0; i < n->n_ips; i++)
		if (!strcmp(n->ips[i], ip))
			return true;
	return false;
}

/* The address of a listener; one that listens everywhere is known by the names of the setting only. */
static void add_listener(struct names *n, const char *listen)
{
	char host[ADDRESS_TEXT_SIZE];
	struct address a;

	if (address_read(listen, &a) && !address_is_any(&a) &&
	    !has_ip(n, address_format_host(&a, false, host)))
		add_names(n, host);
}

/* A certificate without its key is of no use, nor the other way around. */
static int check_pair(const char *section, const char *what, const char *cert, const char *key)
{
	if (!*cert == !*key)
		return 0;
	log_error("mcxd", NULL, "%s.%s: the certificate and its key must be set together", section,
		  what);
	return -EINVAL;
}

/* The role's own files, or a pair that the authority signs. */
static int make_pair(struct state *s, const char *section, const char *name, struct names *n,
		     const struct tls_settings *own, struct pki_pair *ret)
{
	int err = check_pair(section, "cert_file", own->cert_file, own->key_file);

	if (!err && *own->cert_file) {
		*ret = (struct pki_pair){ mem_strdup(own->cert_file), mem_strdup(own->key_file) };
	} else if (!err) {
		if (!has_ip(n, "127.0.0.1"))
			add_names(n, "127.0.0.1");
		err = pki_ensure_certificate(
			s->dir, name, &(struct pki_names){ n->dns, n->n_dns, n->ips, n->n_ips },
			&s->authority, ret);
	}
	for (size_t i = 0; i < n->n_copies; i++)
		free(n->copies[i]);
	return err;
}

static int make_front_end(struct state *s, const struct settings *settings)
{
	const char *const listeners[] = { settings->sip.agent.udp, settings->sip.agent.tcp,
					  settings->sip.agent.tls, settings->https.listen };
	struct names n = { .n_dns = 0 };

	add_names(&n, settings->core.server_fqdn);
	add_names(&n, settings->https_names);
	for (size_t i = 0; i < ARRAY_SIZE(listeners); i++)
		add_listener(&n, listeners[i]);
	return make_pair(s, "sip", "server", &n, &settings->sip_tls, &s->front_end);
}

static int make_edge(struct state *s, const struct settings *settings)
{
	struct names n = { .n_dns = 0 };

	add_names(&n, settings->edge.fqdn);
	add_listener(&n, settings->edge.agent.tcp);
	add_listener(&n, settings->edge.agent.tls);
	return make_pair(s, "edge", "edge", &n, &settings->edge_tls, &s->edge);
}

static int make_clearing_house(struct state *s, const struct settings *settings)
{
	const char *at = strchr(settings->clearing_house.address, '@');
	struct names n = { .n_dns = 0 };

	add_names(&n, at ? at + 1 : settings->clearing_house.address);
	add_listener(&n, settings->clearing_house.agent.tcp);
	add_listener(&n, settings->clearing_house.agent.tls);
	return make_pair(s, "clearing_house", "clearing_house", &n, &settings->clearing_house_tls,
			 &s->clearing_house);
}

static int make_authority(struct state *s, const struct settings *settings)
{
	int err = check_pair("pki", "ca_cert", settings->ca_cert, settings->ca_key);

	if (err)
		return err;
	if (!*settings->ca_cert)
		return pki_ensure_authority(s->dir, &s->authority);
	s->authority =
		(struct pki_pair){ mem_strdup(settings->ca_cert), mem_strdup(settings->ca_key) };
	return 0;
}

static int make_certificates(struct state *s, const struct settings *settings)
{
	int err = make_authority(s, settings);

	if (!err)
		err = make_front_end(s, settings);
	if (!err)
		err = make_edge(s, settings);
	if (!err)
		err = make_clearing_house(s, settings);
	return err;
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
	pki_pair_deinit(&s->authority);
	pki_pair_deinit(&s->front_end);
	pki_pair_deinit(&s->edge);
	pki_pair_deinit(&s->clearing_house);
	free(s->dir);
	*s = (struct state){ 0 };
}

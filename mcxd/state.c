/*
 * State directory
 */
#include "mcxd/state.h"

#include "mcxd/base/file.h"
#include "mcxd/base/log.h"
#include "mcxd/base/paths.h"
#include "mcxd/cert_names.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/net/pki.h"
#include "mcxd/push_service/push_service.h"
#include "mcxd/settings.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip_role.h"
#include "proto/crypto/es256.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/lab.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIR_MODE = 0755 };

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

/* The lab socket is told from an address by its slash. */
static int make_absolute(struct state *s)
{
	char *absolute = realpath(s->dir, NULL);

	if (!absolute)
		return -errno;
	free(s->dir);
	s->dir = absolute;
	return 0;
}

static int make_ephemeral(struct state *s)
{
	const char *tmp = getenv("TMPDIR");

	s->dir = text_format("%s/mcxd-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(s->dir))
		return -errno;
	s->ephemeral = true;
	return chmod(s->dir, DIR_MODE) < 0 ? -errno : make_absolute(s);
}

static int make_permanent(struct state *s, const char *dir)
{
	struct stat st;
	int err;

	s->dir = *dir ? mem_strdup(dir) : paths_default_state_dir();
	err = make_directory(s->dir);
	if (err)
		return err;
	if (stat(s->dir, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? make_absolute(s) : -ENOTDIR;
}

/* ---- certificates ---- */

static const char *domain_of(const char *address)
{
	const char *at = strchr(address, '@');

	return at ? at + 1 : address;
}

static void add_names(struct cert_names *n, enum sip_role role, const struct settings *settings)
{
	const struct agent_config *agent = sip_role_agent(role, settings);
	const char *const listeners[] = { sip_roles[role].udp ? agent->udp : "", agent->tcp,
					  agent->tls };

	cert_names_add(n, sip_role_fqdn(role, settings));
	cert_names_add(n, "127.0.0.1");
	for (size_t i = 0; i < ARRAY_SIZE(listeners); i++)
		cert_names_add_listener(n, listeners[i]);
	if (role == SIP_CLEARING_HOUSE)
		cert_names_add(n, domain_of(settings->clearing_house.address));
	if (role != SIP_FRONT_END)
		return;
	cert_names_add_list(n, settings->https_names);
	cert_names_add_listener(n, settings->https.listen);
	if (!settings->lab_https)
		return;
	cert_names_add_list(n, settings->lab.hosts);
	cert_names_add_listener(n, settings->lab.listen);
}

/* The role's own files, or a pair that the authority signs. */
static int make_pair(struct state *s, enum sip_role role, const struct settings *settings)
{
	CLEANUP(cert_names_deinit) struct cert_names n = { 0 };
	const struct tls_settings *own = sip_role_tls(role, settings);
	struct pki_names names;

	if (*own->cert_file) {
		s->pairs[role] =
			(struct pki_pair){ mem_strdup(own->cert_file), mem_strdup(own->key_file) };
		return 0;
	}
	add_names(&n, role, settings);
	names = cert_names_get(&n);
	return pki_ensure_certificate(s->dir, sip_roles[role].certificate, &names, &s->authority,
				      &s->pairs[role]);
}

static int make_push_service_pair(struct state *s, const struct settings *settings)
{
	CLEANUP(cert_names_deinit) struct cert_names n = { 0 };
	const struct tls_settings *own = &settings->push_service_tls;
	struct pki_names names;

	if (*own->cert_file) {
		s->push_service =
			(struct pki_pair){ mem_strdup(own->cert_file), mem_strdup(own->key_file) };
		return 0;
	}
	cert_names_add_list(&n, settings->apns_names);
	cert_names_add(&n, "127.0.0.1");
	cert_names_add_listener(&n, settings->push_service.apns);
	if (n.n_dns == 0)
		cert_names_add(&n, "localhost");
	names = cert_names_get(&n);
	return pki_ensure_certificate(s->dir, "push_service", &names, &s->authority,
				      &s->push_service);
}

/* Who has the file may notify every iPhone of the lab: its owner only. */
static int make_apns_key(struct state *s, const char *own)
{
	CLEANUP(mem_free_string) char *pem = NULL;
	struct es256_key *key;
	int err;

	s->apns_key = *own ? mem_strdup(own) : text_concat(s->dir, "/" STATE_APNS_KEY);
	if (*own || access(s->apns_key, F_OK) == 0)
		return 0;
	key = es256_key_new();
	pem = es256_key_write_private(key);
	es256_key_free(key);
	err = file_replace(s->apns_key, pem, strlen(pem), 0600);
	if (err)
		log_error("mcxd", NULL, "cannot write %s: %s", s->apns_key, strerror(-err));
	return err;
}

static int make_authority(struct state *s, const struct settings *settings)
{
	if (!*settings->ca_cert)
		return pki_ensure_authority(s->dir, &s->authority);
	s->authority =
		(struct pki_pair){ mem_strdup(settings->ca_cert), mem_strdup(settings->ca_key) };
	return 0;
}

static int make_certificates(struct state *s, const struct settings *settings)
{
	int err = make_authority(s, settings);

	for (int role = 0; role < N_SIP_ROLES && !err; role++)
		err = make_pair(s, (enum sip_role)role, settings);
	if (!err)
		err = make_push_service_pair(s, settings);
	return err ? err : make_apns_key(s, settings->apns_key_file);
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
	for (int role = 0; role < N_SIP_ROLES; role++)
		pki_pair_deinit(&s->pairs[role]);
	pki_pair_deinit(&s->push_service);
	free(s->apns_key);
	free(s->dir);
	*s = (struct state){ 0 };
}

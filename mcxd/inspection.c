/*
 * Inspection
 */
#include "mcxd/inspection.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/paths.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "mcxd/net/pem.h"
#include "mcxd/settings.h"
#include "mcxd/sip_role.h"
#include "mcxd/state.h"
#include "mcxd/store/database.h"
#include "mcxd/store/store.h"
#include "mcxd/users.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is wrong, in one or more lines. */
static bool complain(const char *part, struct text *why)
{
	char *rest = why->data, *line;

	while (rest && (line = strsep(&rest, "\n")))
		if (*line)
			fprintf(stderr, "%s: %s\n", part, line);
	return false;
}

/* ---- users ---- */

/* They are read into a core, which says what it does not take. */
static bool inspect_users(const struct settings *s)
{
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;
	const struct ports ports = { .store = &store_memory_port };
	struct loop *loop;
	struct core *core;
	struct users *users;
	int err = loop_new(&loop);

	if (err) {
		text_add(&errors, strerror(-err));
		return complain("users", &errors);
	}
	core = core_new(&(struct core_args){ .loop = loop, .config = &s->core, .ports = &ports });
	users = users_new(core, s->users_file);
	err = users_load(users, &errors);
	if (!err)
		printf("users: %zu in %s\n", strtab_count(&core->users),
		       *s->users_file ? s->users_file : "the demo's list");
	users_free(users);
	core_free(core);
	loop_free(loop);
	return err ? complain("users", &errors) : true;
}

/* ---- certificates ---- */

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* A pair of the state directory is made again when it is missing, broken or old, so that is not an error. */
static bool inspect_pair(const char *name, const char *cert, const char *key, bool is_own)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	CLEANUP(text_deinit) struct text date = TEXT_INIT;
	bool is_sound = is_there(cert) && pem_check_pair(cert, key, &why) == 0 &&
			!pem_is_out_of_date(cert, &date);

	if (is_sound)
		printf("certificate of %s: %s\n", name, cert);
	else if (!is_own)
		printf("certificate of %s: %s will be made%s%s\n", name, cert,
		       why.n || date.n ? " anew: " : "", why.n ? text_str(&why) : text_str(&date));
	else if (date.n)
		fprintf(stderr, "certificate of %s: %s %s\n", name, cert, text_str(&date));
	else
		complain("certificates", &why);
	return is_sound || !is_own;
}

static bool inspect_role(const struct settings *s, enum sip_role role, const char *dir)
{
	const struct tls_settings *own = sip_role_tls(role, s);
	CLEANUP(mem_free_string)
	char *cert = text_concat(dir ? dir : "", "/", sip_roles[role].certificate, ".pem");
	CLEANUP(mem_free_string)
	char *key = text_concat(dir ? dir : "", "/", sip_roles[role].certificate, ".key");

	if (*own->cert_file)
		return inspect_pair(sip_roles[role].section, own->cert_file, own->key_file, true);
	return dir ? inspect_pair(sip_roles[role].section, cert, key, false) : true;
}

static bool inspect_certificates(const struct settings *s, const char *dir)
{
	CLEANUP(mem_free_string) char *cert = text_concat(dir ? dir : "", "/ca.pem");
	CLEANUP(mem_free_string) char *key = text_concat(dir ? dir : "", "/ca.key");
	bool is_sound = true;

	if (*s->ca_cert)
		is_sound = inspect_pair("the authority", s->ca_cert, s->ca_key, true);
	else if (dir)
		is_sound = inspect_pair("the authority", cert, key, false);
	for (int role = 0; role < N_SIP_ROLES; role++)
		is_sound &= inspect_role(s, (enum sip_role)role, dir);
	return is_sound;
}

/* ---- database ---- */

static void print_counts(struct database *d, const char *path)
{
	const char *between = ": ";

	printf("database: %s is sound, schema %d", path, database_schema_version(d));
	for (int kind = 0; kind < N_STORE_KINDS; kind++) {
		int64_t n = database_count(d, (enum store_kind)kind);

		if (n <= 0 || kind == STORE_COUNTER)
			continue;
		printf("%s%lld %s", between, (long long)n, store_tables[kind].name);
		between = ", ";
	}
	putchar('\n');
}

/* What is not there will be made. */
static bool may_write(const char *path, bool is_directory, struct text *why)
{
	struct stat st;
	int err = 0;

	if (stat(path, &st) < 0)
		err = errno == ENOENT ? 0 : errno;
	else if (is_directory && !S_ISDIR(st.st_mode))
		err = ENOTDIR;
	else if (access(path, W_OK) < 0)
		err = errno;
	if (err)
		text_addf(why, "cannot write to %s: %s\n", path, strerror(err));
	return !err;
}

static bool inspect_directory(const char *dir)
{
	CLEANUP(mem_free_string) char *path = text_concat(dir, "/", STATE_DATABASE);
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	return may_write(dir, true, &why) && may_write(path, false, &why)
		       ? true
		       : complain("state directory", &why);
}

static bool inspect_database(const char *dir)
{
	CLEANUP(mem_free_string) char *path = text_concat(dir, "/", STATE_DATABASE);
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct database *d = NULL;
	int err;

	if (!is_there(path)) {
		printf("database: %s will be made\n", path);
		return true;
	}
	err = database_open(&(struct database_args){ .path = path, .read_only = true }, &d, &why);
	if (!err)
		err = database_check(d, &why);
	if (!err)
		print_counts(d, path);
	database_close(d);
	return err ? complain("database", &why) : true;
}

bool inspection_run(const struct settings *s, bool ephemeral)
{
	CLEANUP(mem_free_string) char *dir = NULL;
	bool is_sound;

	if (!ephemeral)
		dir = *s->state_dir ? mem_strdup(s->state_dir) : paths_default_state_dir();
	puts("settings: sound");
	is_sound = inspect_users(s);
	is_sound &= inspect_certificates(s, dir);
	if (dir && !inspect_directory(dir))
		is_sound = false;
	else if (dir)
		is_sound &= inspect_database(dir);
	return is_sound;
}

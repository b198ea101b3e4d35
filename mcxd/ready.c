/*
 * Ready: telling people and scripts where a daemon listens
 */
#include "mcxd/ready.h"

#include "mcxd/base/file.h"
#include "mcxd/base/log.h"
#include "mcxd/daemon.h"
#include "mcxd/net/pki.h"
#include "mcxd/roles.h"
#include "mcxd/settings.h"
#include "mcxd/state.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/url.h"
#include "web/lab/lab.h"

#include <json-c/json.h>
#include <unistd.h>

static void add(struct json_object *o, const char *name, const char *value)
{
	if (value && *value)
		json_object_object_add(o, name, json_object_new_string(value));
}

/* "sip.udp" becomes the member "udp" of an object "sip". */
static void add_listener(struct json_object *root, const struct lab_listener *l)
{
	const char *dot = strchr(l->name, '.');
	CLEANUP(mem_free_string)
	char *group = dot ? mem_memdup(l->name, (size_t)(dot - l->name)) : NULL;
	CLEANUP(mem_free_string) char *address = url_to_listener(l->address);
	struct json_object *object;

	if (!dot) {
		add(root, l->name, address);
		return;
	}
	if (!json_object_object_get_ex(root, group, &object)) {
		object = json_object_new_object();
		json_object_object_add(root, group, object);
	}
	add(object, dot + 1, address);
}

/* json_object_put() it. */
static struct json_object *describe(const struct daemon *d)
{
	struct json_object *root = json_object_new_object();

	json_object_object_add(root, "pid", json_object_new_int(getpid()));
	for (size_t i = 0; i < d->roles.n_listeners; i++)
		add_listener(root, &d->roles.listeners[i]);
	add(root, "lab_socket", d->lab_socket);
	add(root, "ca", d->state.authority.cert);
	return root;
}

/* free() it. */
static char *json_of(const struct daemon *d)
{
	struct json_object *root = describe(d);
	char *text;

	text = text_format("%s\n",
			   json_object_to_json_string_ext(
				   root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
	return text;
}

int ready_write(const struct daemon *d, const char *path)
{
	CLEANUP(mem_free_string) char *json = json_of(d);

	return file_replace(path, json, strlen(json), 0644);
}

/* ---- environment ---- */

#define READY_FILE "MCXD_READY_FILE"

const struct ready_variable ready_variables[N_READY_VARIABLES] = {
	{ "MCXD_LAB", "lab" },
	{ "MCXD_LAB_SOCKET", "lab_socket" },
	{ "MCXD_CONSOLE", "console" },
	{ "MCXD_CA", "ca" },
	{ "MCXD_SIP_UDP", "sip.udp" },
	{ "MCXD_SIP_TCP", "sip.tcp" },
	{ "MCXD_SIP_TLS", "sip.tls" },
	{ "MCXD_HTTPS", "https" },
	{ "MCXD_HTTP", "http" },
	{ "MCXD_PUSH_SERVICE", "push_service" },
	{ "MCXD_APNS", "apns" },
	{ "MCXD_EDGE_TCP", "edge.tcp" },
	{ "MCXD_EDGE_TLS", "edge.tls" },
	{ "MCXD_EDGE_EXTERNAL_TLS", "edge.external_tls" },
	{ "MCXD_CLEARING_HOUSE_TCP", "clearing_house.tcp" },
	{ "MCXD_CLEARING_HOUSE_TLS", "clearing_house.tls" },
};

static bool sets(const char *variable, const char *name)
{
	size_t n = strlen(name);

	return strncmp(variable, name, n) == 0 && variable[n] == '=';
}

/* Those of a lab around this one would send the command there. */
static bool is_of_a_lab(const char *variable)
{
	for (size_t i = 0; i < N_READY_VARIABLES; i++)
		if (sets(variable, ready_variables[i].name))
			return true;
	return sets(variable, READY_FILE);
}

char **ready_environment(const struct daemon *d, const char *ready_file)
{
	struct json_object *root = describe(d);
	size_t n = 0;
	char **all;

	while (environ[n])
		n++;
	all = (char **)mem_zalloc((n + N_READY_VARIABLES + 2) * sizeof(char *));
	n = 0;
	for (char **variable = environ; *variable; variable++)
		if (!is_of_a_lab(*variable))
			all[n++] = mem_strdup(*variable);
	for (size_t i = 0; i < N_READY_VARIABLES; i++) {
		const struct ready_variable *row = &ready_variables[i];
		struct json_object *member = json_in_path(root, row->member);

		if (member)
			all[n++] = text_concat(row->name, "=", json_object_get_string(member));
	}
	all[n] = text_concat(READY_FILE, "=", ready_file);
	json_object_put(root);
	return all;
}

void ready_environment_free(char **environment)
{
	for (size_t i = 0; environment[i]; i++)
		free(environment[i]);
	free((void *)environment);
}

static void print_json(const struct daemon *d)
{
	struct json_object *root = describe(d);

	puts(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN |
							  JSON_C_TO_STRING_NOSLASHESCAPE));
	fflush(stdout);
	json_object_put(root);
}

void ready_print(const struct daemon *d)
{
	if (log_parse_format(d->settings->log_format) == LOG_FORMAT_JSON) {
		print_json(d);
		return;
	}
	for (size_t i = 0; i < d->roles.n_listeners; i++)
		printf("%-20s%s\n", d->roles.listeners[i].name, d->roles.listeners[i].address);
	if (d->lab)
		printf("%-20s%s\n", "lab_socket", d->lab_socket);
	if (d->state.authority.cert)
		printf("%-20s%s\n", "ca", d->state.authority.cert);
	puts("ready");
	fflush(stdout);
}

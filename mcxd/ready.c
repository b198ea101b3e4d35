/*
 * Ready: telling people and scripts where a daemon listens
 */
#include "mcxd/ready.h"

#include "mcxd/base/file.h"
#include "mcxd/daemon.h"
#include "mcxd/net/pki.h"
#include "mcxd/roles.h"
#include "mcxd/state.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
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
	struct json_object *object;

	if (!dot) {
		add(root, l->name, l->address);
		return;
	}
	if (!json_object_object_get_ex(root, group, &object)) {
		object = json_object_new_object();
		json_object_object_add(root, group, object);
	}
	add(object, dot + 1, l->address);
}

/* free() it. */
static char *json_of(const struct daemon *d)
{
	struct json_object *root = json_object_new_object();
	char *text;

	json_object_object_add(root, "pid", json_object_new_int(getpid()));
	for (size_t i = 0; i < d->roles.n_listeners; i++)
		add_listener(root, &d->roles.listeners[i]);
	add(root, "lab_socket", d->lab_socket);
	add(root, "ca", d->state.authority.cert);
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

void ready_print(const struct daemon *d)
{
	for (size_t i = 0; i < d->roles.n_listeners; i++)
		printf("%-20s%s\n", d->roles.listeners[i].name, d->roles.listeners[i].address);
	if (d->lab)
		printf("%-20s%s\n", "lab_socket", d->lab_socket);
	if (d->state.authority.cert)
		printf("%-20s%s\n", "ca", d->state.authority.cert);
	puts("ready");
	fflush(stdout);
}

/*
 * The lab's file: what is taken can be exported again, and that can be imported again; what is refused is refused with a
 * sentence.
 */
#include "mcxd/base/fault.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/ports.h"
#include "mcxd/push_service/push_service.h"
#include "mcxd/push_service/state.h"
#include "mcxd/store/store.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/push_service_config.h"
#include "web/lab/lab.h"
#include "web/lab/snapshot/snapshot.h"

#include <assert.h>
#include <json-c/json.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_ROUNDS = 5000 };

static void push_nowhere(void *adapter, const struct push_message *message)
{
	(void)adapter;
	(void)message;
}

static void wake_nobody(void *adapter, uint64_t poll_id)
{
	(void)adapter;
	(void)poll_id;
}

static bool take_token(void *adapter, const struct store_row *row)
{
	(void)adapter;
	(void)row;
	return true;
}

static const struct push_port push_port = { .send = push_nowhere };
static const struct poll_port poll_port = { .wake = wake_nobody,
					    .restore_token = take_token,
					    .can_restore_token = take_token };

static const struct core_config core_config = {
	.server_fqdn = (char[]){ "fe.lab.test" },
	.invite_timeout_ms = 60000,
	.phone_linger_ms = 10000,
	.hang_up_linger_ms = 2000,
	.poll_timeout_ms = 180000,
	.session_expiry_ms = 259200000,
	.session_short_expiry_ms = 3600000,
	.max_endpoints = 8,
	.max_phones = 8,
	.max_conversations = 8,
	.max_events = 100,
	.max_missed = 10,
	.max_recent = 10,
	.max_watches = 4,
	.max_watched = 10,
	.max_message_bytes = 4096,
	.max_history = 10,
	.enable_microsoft_push = true,
	.max_preview = 255,
	.withdraw_pushes = true,
	.max_waiting_pushes = 100,
};

static struct loop *loop;
static struct lab *lab;

static void make_lab(void)
{
	static char socket[64];
	static struct lab_config config = {
		.socket = socket,
		.max_connections = 4,
		.max_body_bytes = 4096,
		.idle_timeout_ms = 2000,
		.max_waiting = 4,
		.max_export_records = 100,
		.max_faults = 10,
		.max_users = 10,
		.max_actors = 4,
		.max_actor_lines = 10,
	};
	struct journal *journal;
	struct metrics *metrics = metrics_new();
	struct push_service *push_service;
	struct faults *faults;
	struct core *core;

	log_set_levels("error");
	assert(loop_new(&loop) == 0);
	journal = journal_new(loop, &(struct journal_config){ 1000, 1 << 20 });
	faults = faults_new(loop, journal);
	core = core_new(&(struct core_args){
		.loop = loop,
		.journal = journal,
		.metrics = metrics,
		.config = &core_config,
		.ports = &(struct ports){ .push = &push_port,
					  .poll = &poll_port,
					  .store = &store_memory_port,
					  .store_adapter = store_new(loop, true) },
	});
	assert(push_service_new(&(struct push_service_args){ .loop = loop,
							     .journal = journal,
							     .metrics = metrics,
							     .faults = faults,
							     .config = &push_service_config },
				&push_service) == 0);
	snprintf(socket, sizeof(socket), "/tmp/fuzz-import-%d.sock", (int)getpid());
	assert(lab_new(&(struct lab_args){ .loop = loop,
					   .core = core,
					   .journal = journal,
					   .metrics = metrics,
					   .config = &config,
					   .faults = faults,
					   .channels = { .write = push_service_write,
							 .check = push_service_check,
							 .load = push_service_load,
							 .magic = push_service } },
		       &lab) == 0);
	unlink(socket);
}

static void on_pause(void *magic)
{
	(void)magic;
	loop_stop(loop);
}

static void finish_import(void)
{
	struct loop_timer pause = { 0 };

	/* What is posted would keep the clock from moving. */
	for (int i = 0; lab_is_importing(lab); i++) {
		assert(i < MAX_ROUNDS);
		loop_timer_set_real(loop, &pause, 1, on_pause, NULL);
		loop_run(loop);
	}
}

static void import_again(struct json_object *o)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	const char *s = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);

	if (!lab_import(lab, s, strlen(s), &why)) {
		fprintf(stderr, "%s\n%s\n", text_str(&why), s);
		abort();
	}
	finish_import();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct json_object *o;

	if (!lab)
		make_lab();
	if (!lab_import(lab, data, size, &why)) {
		assert(why.n > 0);
		return 0;
	}
	assert(why.n == 0);
	finish_import();
	o = lab_export(lab, true, true);
	import_again(o);
	json_object_put(o);
	return 0;
}

/*
 * A store on disk for tests
 */
#include "sqlite_fixture.h"

#include "synced_vfs.h"

#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/store_row.h"
#include "mcxd/store/sqlite.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <dirent.h>
#include <unistd.h>

#define PORT (&sqlite_store_port)

int open_at(struct fixture *f, const char *path, const char *vfs, int64_t min_free)
{
	text_reset(&f->why);
	return sqlite_store_open(&(struct sqlite_store_args){ .loop = f->loop,
							      .metrics = f->metrics,
							      .path = path,
							      .vfs = vfs,
							      .min_free_bytes = min_free },
				 &f->store, &f->why);
}

void close_store(struct fixture *f)
{
	f->store = sqlite_store_close(f->store);
	metrics_free(f->metrics);
	f->metrics = metrics_new();
}

void reopen(struct fixture *f)
{
	close_store(f);
	if (open_at(f, f->path, SYNCED_VFS, 0))
		fail_msg("%s", text_str(&f->why));
}

int disk_setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	log_set_levels("error");
	assert_int_equal(loop_new(&f->loop), 0);
	f->metrics = metrics_new();
	strcpy(f->dir, "/tmp/mcxd-sqlite-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->path = text_format("%s/mcxd.db", f->dir);
	synced_vfs_register();
	reopen(f);
	*state = f;
	return 0;
}

int disk_teardown(void **state)
{
	struct fixture *f = *state;
	struct dirent *entry;
	DIR *dir;

	close_store(f);
	synced_vfs_unregister();
	dir = opendir(f->dir);
	while ((entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(f->dir);
	metrics_free(f->metrics);
	loop_free(f->loop);
	text_deinit(&f->why);
	free(f->path);
	free(f);
	log_set_fd(2);
	return 0;
}

int64_t metric(const struct fixture *f, const char *name)
{
	return metrics_find(f->metrics, name)->value;
}

void settle(struct fixture *f)
{
	int64_t until_ms = loop_real_ms(f->loop) + 20000;

	while (metric(f, "store_pending") > 0) {
		assert_true(loop_real_ms(f->loop) < until_ms);
		loop_step(f->loop, 10);
	}
}

struct one {
	struct order *order;
	uint64_t number;
};

static void on_done(void *magic, int err)
{
	struct one *one = magic;

	assert_true(one->number == ++one->order->done);
	one->order->err = err;
	free(one);
}

void save_numbered(struct fixture *f, struct order *o)
{
	struct one *one = MEM_NEW(struct one);
	const struct store_row row = { .kind = STORE_MISSED,
				       .id = ++o->next,
				       .missed = { .subject = "a subject", .phone = o->next } };

	*one = (struct one){ o, o->next };
	PORT->save(f->store, &row, on_done, one);
}

/*
 * A core whose store is on disk
 */
#include "stored_fixture.h"
#include "synced_vfs.h"

#include "mcxd/base/log.h"
#include "mcxd/core/core.h"
#include "mcxd/core/ports.h"
#include "mcxd/store/sqlite.h"
#include "mcxd/store/store.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

static char dir[32];
static char *path;
static struct sqlite_store *disk;
static sqlite3 *other;
static int null_fd;

struct sqlite_store *stored_open(struct core *c, struct loop *l, struct metrics *m)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	strcpy(dir, "/tmp/mcxd-stored-XXXXXX");
	assert_non_null(mkdtemp(dir));
	path = text_format("%s/mcxd.db", dir);
	synced_vfs_register();
	if (sqlite_store_open(
		    &(struct sqlite_store_args){
			    .loop = l, .metrics = m, .path = path, .vfs = SYNCED_VFS },
		    &disk, &why))
		fail_msg("%s", text_str(&why));
	c->ports.store = &sqlite_store_port;
	c->ports.store_adapter = disk;
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	log_set_fd(null_fd);
	return disk;
}

void stored_close(struct core *c, struct store *memory)
{
	struct dirent *entry;
	DIR *d;

	if (c) {
		c->ports.store = &store_memory_port;
		c->ports.store_adapter = memory;
	}
	sqlite3_close(other);
	disk = sqlite_store_close(disk);
	synced_vfs_unregister();
	d = opendir(dir);
	while ((entry = readdir(d)))
		unlinkat(dirfd(d), entry->d_name, 0);
	closedir(d);
	rmdir(dir);
	free(path);
	log_set_fd(2);
	close(null_fd);
}

void stored_run_sql(const char *sql)
{
	if (sqlite3_exec(other, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(other));
}

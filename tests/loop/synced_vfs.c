/*
 * A VFS that knows what was synced
 */
#include "synced_vfs.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <unistd.h>

/* What a file held at its last sync; it outlives the file. */
struct image {
	char *path;
	char *data;
	size_t n;
};

struct file {
	sqlite3_file base;
	struct image *image;
	sqlite3_file *real; /* right behind this struct */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct image images[16];
static size_t n_images;
static bool is_full, is_read_only;
static sqlite3_vfs vfs;
static sqlite3_vfs *real_vfs;

static struct file *file_of(sqlite3_file *f)
{
	return (struct file *)(void *)f;
}

static struct image *image_of(const char *path)
{
	for (size_t i = 0; i < n_images; i++)
		if (!strcmp(images[i].path, path))
			return &images[i];
	assert(n_images < ARRAY_SIZE(images));
	images[n_images].path = mem_strdup(path);
	return &images[n_images++];
}

static int x_close(sqlite3_file *f)
{
	return file_of(f)->real->pMethods->xClose(file_of(f)->real);
}

static int x_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return file_of(f)->real->pMethods->xRead(file_of(f)->real, p, n, at);
}

static int x_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	int rc;

	pthread_mutex_lock(&mutex);
	rc = is_full ? SQLITE_FULL : SQLITE_IOERR_WRITE; /* which EROFS becomes */
	if (!is_full && !is_read_only)
		rc = file_of(f)->real->pMethods->xWrite(file_of(f)->real, p, n, at);
	pthread_mutex_unlock(&mutex);
	return rc;
}

static int x_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	return file_of(f)->real->pMethods->xTruncate(file_of(f)->real, size);
}

static int x_sync(sqlite3_file *f, int flags)
{
	struct file *file = file_of(f);
	sqlite3_int64 size = 0;
	int rc;

	pthread_mutex_lock(&mutex);
	rc = file->real->pMethods->xSync(file->real, flags);
	if (rc == SQLITE_OK)
		rc = file->real->pMethods->xFileSize(file->real, &size);
	if (rc == SQLITE_OK && file->image) {
		file->image->n = (size_t)size;
		file->image->data = mem_realloc(file->image->data, (size_t)size);
		rc = file->real->pMethods->xRead(file->real, file->image->data, (int)size, 0);
	}
	pthread_mutex_unlock(&mutex);
	return rc;
}

static int x_file_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	return file_of(f)->real->pMethods->xFileSize(file_of(f)->real, ret);
}

static int x_lock(sqlite3_file *f, int level)
{
	return file_of(f)->real->pMethods->xLock(file_of(f)->real, level);
}

static int x_unlock(sqlite3_file *f, int level)
{
	return file_of(f)->real->pMethods->xUnlock(file_of(f)->real, level);
}

static int x_check_lock(sqlite3_file *f, int *ret)
{
	return file_of(f)->real->pMethods->xCheckReservedLock(file_of(f)->real, ret);
}

static int x_control(sqlite3_file *f, int op, void *argument)
{
	return file_of(f)->real->pMethods->xFileControl(file_of(f)->real, op, argument);
}

static int x_sector_size(sqlite3_file *f)
{
	return file_of(f)->real->pMethods->xSectorSize(file_of(f)->real);
}

/* Not the real file's: without them, SQLite relies on nothing but xSync. */
static int x_device(sqlite3_file *f)
{
	(void)f;
	return 0;
}

static int x_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
	return file_of(f)->real->pMethods->xShmMap(file_of(f)->real, page, size, extend, ret);
}

static int x_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return file_of(f)->real->pMethods->xShmLock(file_of(f)->real, offset, n, flags);
}

static void x_shm_barrier(sqlite3_file *f)
{
	file_of(f)->real->pMethods->xShmBarrier(file_of(f)->real);
}

static int x_shm_unmap(sqlite3_file *f, int drop)
{
	return file_of(f)->real->pMethods->xShmUnmap(file_of(f)->real, drop);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = x_close,
	.xRead = x_read,
	.xWrite = x_write,
	.xTruncate = x_truncate,
	.xSync = x_sync,
	.xFileSize = x_file_size,
	.xLock = x_lock,
	.xUnlock = x_unlock,
	.xCheckReservedLock = x_check_lock,
	.xFileControl = x_control,
	.xSectorSize = x_sector_size,
	.xDeviceCharacteristics = x_device,
	.xShmMap = x_shm_map,
	.xShmLock = x_shm_lock,
	.xShmBarrier = x_shm_barrier,
	.xShmUnmap = x_shm_unmap,
};

static int x_open(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags, int *ret_flags)
{
	struct file *file = file_of(f);
	int rc;

	(void)v;
	*file = (struct file){ .real = (sqlite3_file *)(void *)(file + 1) };
	pthread_mutex_lock(&mutex);
	if (is_read_only)
		flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) |
			SQLITE_OPEN_READONLY;
	pthread_mutex_unlock(&mutex);
	rc = real_vfs->xOpen(real_vfs, path, file->real, flags, ret_flags);
	if (rc != SQLITE_OK)
		return rc;
	pthread_mutex_lock(&mutex);
	if (path)
		file->image = image_of(path);
	pthread_mutex_unlock(&mutex);
	file->base.pMethods = &methods;
	return SQLITE_OK;
}

void synced_vfs_register(void)
{
	real_vfs = sqlite3_vfs_find(NULL);
	vfs = *real_vfs;
	vfs.zName = SYNCED_VFS;
	vfs.szOsFile += (int)sizeof(struct file);
	vfs.xOpen = x_open;
	sqlite3_vfs_register(&vfs, 0);
}

void synced_vfs_unregister(void)
{
	sqlite3_vfs_unregister(&vfs);
	while (n_images) {
		free(images[--n_images].path);
		free(images[n_images].data);
		images[n_images] = (struct image){ 0 };
	}
	is_full = is_read_only = false;
}

void synced_vfs_set_full(bool full)
{
	pthread_mutex_lock(&mutex);
	is_full = full;
	pthread_mutex_unlock(&mutex);
}

void synced_vfs_set_read_only(bool read_only)
{
	pthread_mutex_lock(&mutex);
	is_read_only = read_only;
	pthread_mutex_unlock(&mutex);
}

static void write_image(const char *from, const char *to)
{
	const struct image *image = image_of(from);
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || (image->n && write(fd, image->data, image->n) != (ssize_t)image->n))
		abort();
	close(fd);
}

void synced_vfs_snapshot(const char *from, const char *to)
{
	CLEANUP(mem_free_string) char *from_wal = text_concat(from, "-wal");
	CLEANUP(mem_free_string) char *to_wal = text_concat(to, "-wal");

	pthread_mutex_lock(&mutex);
	write_image(from, to);
	write_image(from_wal, to_wal);
	pthread_mutex_unlock(&mutex);
}

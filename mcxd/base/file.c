/*
 * File
 */
#include "mcxd/base/file.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const void *data, size_t n)
{
	const char *at = data;

	while (n > 0) {
		ssize_t wrote = write(fd, at, n);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return -errno;
		at += wrote;
		n -= (size_t)wrote;
	}
	return 0;
}

/* mkostemp() creates it with mode 0600, so it is never readable too early. */
static int write_new(char *path, const void *data, size_t n, mode_t mode)
{
	int fd = mkostemp(path, O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, data, n);
	if (!err && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		err = -errno;
	if (close(fd) < 0 && !err)
		err = -errno;
	if (err)
		unlink(path);
	return err;
}

/* The rename has to reach the disk, too. */
static int sync_directory(const char *path)
{
	CLEANUP(mem_free_string) char *copy = mem_strdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fsync(fd) < 0)
		err = -errno;
	close(fd);
	return err;
}

int file_replace(const char *path, const void *data, size_t n, mode_t mode)
{
	CLEANUP(mem_free_string) char *temporary = text_format("%s.XXXXXX", path);
	int err = write_new(temporary, data, n, mode);

	if (err)
		return err;
	if (rename(temporary, path) < 0) {
		err = -errno;
		unlink(temporary);
		return err;
	}
	return sync_directory(path);
}

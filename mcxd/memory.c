/*
 * Memory
 *
 * A page costs when it is first touched, since the kernel has to clear it; on a virtual machine, whose host may
 * have to find it first, much more: measured, 4.7 ms for 2 MB, and so a third of what an INVITE cost of which
 * 50,000 are held.
 */
#include "mcxd/memory.h"

#include <errno.h>

#ifdef MCXD_MIMALLOC

#include <mimalloc.h>
#include <sys/mman.h>

enum { ALIGNMENT = 1 << 25 }; /* of mimalloc's segments */

void memory_prepare(void)
{
	mi_option_enable(mi_option_large_os_pages);
}

int memory_reserve(int64_t n_bytes)
{
	size_t n = ((size_t)n_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	char *map, *start;

	if (n_bytes == 0)
		return 0;
	map = mmap(NULL, n + ALIGNMENT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return -errno;
	start = map + (ALIGNMENT - (uintptr_t)map % ALIGNMENT) % ALIGNMENT;
	madvise(start, n, MADV_HUGEPAGE);
	if (madvise(start, n, MADV_POPULATE_WRITE) < 0) {
		int err = -errno;

		munmap(map, n + ALIGNMENT);
		return err;
	}
	/* is_large: it stays in place. */
	return mi_manage_os_memory(start, n, true, true, true, -1) ? 0 : -ENOMEM;
}

#else

void memory_prepare(void)
{
}

int memory_reserve(int64_t n_bytes)
{
	return n_bytes == 0 ? 0 : -ENOTSUP;
}

#endif

/*
 * Interpose
 */
#include "mcxd/base/interpose.h"

#include "proto/text/mem.h"

#include <dlfcn.h>

void *interpose_original(const char *name)
{
	return mem_check(dlsym(RTLD_NEXT, name));
}

bool interpose_works(const char *name, void (*ours)(void))
{
	void (*called)(void);

	*(void **)&called = dlsym(RTLD_DEFAULT, name);
	return called == ours;
}

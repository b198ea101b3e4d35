/*
 * Interpose: functions of ours in the place of a library's
 *
 * A library calls its own public functions through the dynamic linker, which takes the first definition
 * that it finds: the executable's. That is how one sees and bends what a library has no other way for.
 * One that was linked otherwise would go on without us, and nobody would notice: hence the check.
 */
#pragma once

#include <stdbool.h>

/** The library's own function of this name. */
void *interpose_original(const char *name);

/** Once, the pointer to the library's own function of this name. */
#define INTERPOSE_ORIGINAL(pointer, name)                                                          \
	do {                                                                                       \
		if (!(pointer))                                                                    \
			*(void **)&(pointer) = interpose_original(name);                           \
	} while (0)

/** Whether a library that calls this name comes to our function. */
bool interpose_works(const char *name, void (*ours)(void));

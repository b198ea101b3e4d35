/*
 * Interpose: functions of ours in the place of a library's
 *
 * A library calls its own public functions through the dynamic linker, which takes the first definition that it
 * finds, and that is the executable's. This is how to observe or change what a library offers no other way
 * for. A library that was linked to itself would bypass our function without a word, hence the check.
 */
#pragma once

#include <stdbool.h>

/** The library's own function of this name. */
void *interpose_original(const char *name);

/** Set the pointer to the library's own function of this name, if it is not set yet. */
#define INTERPOSE_ORIGINAL(pointer, name)                                                          \
	do {                                                                                       \
		if (!(pointer))                                                                    \
			*(void **)&(pointer) = interpose_original(name);                           \
	} while (0)

/** Whether a library that calls this name reaches our function. */
bool interpose_works(const char *name, void (*ours)(void));

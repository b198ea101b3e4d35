/*
 * What a phone says
 *
 * A message from a phone, until its outcome is known. It is in the store meanwhile, so that the phone learns of it also if a
 * restart comes first.
 */
#pragma once

#include "mcxd/base/list.h"

#include <stdbool.h>
#include <stdint.h>

struct phone_leg;

struct phone_sending {
	struct list of_leg;
	uint64_t id;
	uint64_t row;  /* its id in the store; 0: it is not there */
	bool is_first; /* the first line of the phone's invitation */
};

struct phone_sending *phone_sending_new(struct phone_leg *l, uint64_t id);
void phone_sending_save(const struct phone_leg *l, struct phone_sending *object);
void phone_sending_free(struct phone_leg *l, struct phone_sending *m);

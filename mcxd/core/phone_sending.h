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
struct store_row;

struct phone_sending {
	struct list of_leg;
	uint64_t id;
	char *operation_id; /* may be NULL */
	int64_t wall_us;
	uint64_t row;  /* its id in the store; 0: it is not there */
	bool is_first; /* the first line of the phone's invitation */
};

struct phone_sending *phone_sending_new(struct phone_leg *l, uint64_t id);
struct phone_sending *phone_sending_find(const struct phone_leg *l, uint64_t id);
void phone_sending_save(const struct phone_leg *l, struct phone_sending *object);
/** A STORE_SENDING row. */
void phone_sending_restore(struct phone_leg *l, const struct store_row *row);
void phone_sending_free(struct phone_leg *l, struct phone_sending *m);
/** A message of the phone's goes out: the id by which its outcome will be told. is_first: it is the first line, and
 *  only a failure is reported. */
uint64_t phone_sending_expect(struct phone_leg *l, const char *operation_id, bool is_first);

/*
 * Lab API: room for records
 */
#include "web/lab/room.h"

#include "mcxd/base/metric.h"
#include "proto/record.h"
#include "web/lab/door.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

struct room room_of(const struct lab *l)
{
	return (struct room){ .max = (size_t)l->config->max_export_records,
			      .max_bytes = (size_t)l->config->max_export_bytes };
}

bool room_take(struct room *room, const struct record *r)
{
	room->n_bytes += record_size(r);
	if (room->n == room->max || room->n_bytes > room->max_bytes)
		room->is_full = true;
	else
		room->n++;
	return !room->is_full;
}

bool room_was_enough(struct lab *l, struct http_request *r, const struct room *room)
{
	if (!room->is_full)
		return true;
	metric_inc(&l->door.limits_refused_total);
	lab_error(r, 409,
		  "There are more than %zu records, or than %zu bytes (lab.max_export, "
		  "lab.max_export_size); ask for some of the journal, with from, kind, user, key "
		  "or at.",
		  room->max, room->max_bytes);
	return false;
}

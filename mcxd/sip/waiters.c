/*
 * Waiters
 */
#include "mcxd/sip/waiters.h"

#include "mcxd/net/address.h"
#include "mcxd/sip/failure.h"
#include "proto/text/mem.h"

#include <sofia-sip/msg_addr.h>

enum { MIN_PLACES = 4 };

struct waiter {
	tport_pending_error_f *on_error; /* NULL: the place is free */
	tp_client_t *client;
	msg_t *msg;
	unsigned round;     /* of the report that it was told of last */
	unsigned next_free; /* of a free place */
};

void waiters_deinit(struct waiters *w)
{
	free(w->places);
	*w = (struct waiters){ 0 };
}

static void grow(struct waiters *w)
{
	unsigned n = w->n_places ? 2 * w->n_places : MIN_PLACES;

	w->places = mem_realloc(w->places, n * sizeof(*w->places));
	for (unsigned place = n; place > w->n_places; place--) {
		w->places[place - 1] = (struct waiter){ .next_free = w->first_free };
		w->first_free = place;
	}
	w->n_places = n;
}

int waiters_add(struct waiters *w, msg_t *msg, tport_pending_error_f *on_error, tp_client_t *client)
{
	unsigned place;

	if (!w->first_free)
		grow(w);
	place = w->first_free;
	w->first_free = w->places[place - 1].next_free;
	w->places[place - 1] = (struct waiter){
		.on_error = on_error, .client = client, .msg = msg, .round = w->round
	};
	w->n_used++;
	return (int)place;
}

bool waiters_has(const struct waiters *w, int place, const msg_t *msg, const tp_client_t *client)
{
	const struct waiter *x;

	if (place <= 0 || (unsigned)place > w->n_places)
		return false;
	x = &w->places[place - 1];
	return x->on_error && x->client == client && x->msg == msg;
}

void waiters_remove(struct waiters *w, int place)
{
	w->places[place - 1] = (struct waiter){ .next_free = w->first_free };
	w->first_free = (unsigned)place;
	w->n_used--;
}

static bool went_to(msg_t *msg, const struct address *peer)
{
	struct address to;

	return msg && address_from_sockaddr(&msg_addr(msg)->su_sa, sizeof(su_sockaddr_t), &to) &&
	       address_equal(&to, peer);
}

unsigned waiters_tell(struct waiters *w, tp_stack_t *stack, tport_t *tp,
		      const struct waiters_news *news)
{
	unsigned round = ++w->round, n = 0;

	for (unsigned i = 0; i < w->n_places && w->n_used > 0; i++) {
		struct waiter x = w->places[i]; /* the callback may move the places */

		if (!x.on_error || x.round == round || (news->peer && !went_to(x.msg, news->peer)))
			continue;
		w->places[i].round = round;
		failure_note(x.msg, news->error, news->why);
		x.on_error(stack, x.client, tp, x.msg, news->error);
		n++;
	}
	return n;
}

/*
 * Orders
 */
#include "proto/order.h"

const struct order_row order_rows[N_ORDERS] = {
#define X(CONSTANT, name, of, what) [ORDER_##CONSTANT] = { name, of, what },
	ORDERS(X)
#undef X
};

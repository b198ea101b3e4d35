/*
 * Orders
 *
 * What a desktop or a phone that the lab hosts can be told to do, by the names that the lab API, mcxctl and the journal use.
 */
#pragma once

enum { ORDER_DESKTOP = 1, ORDER_PHONE = 2, ORDER_BOTH = ORDER_DESKTOP | ORDER_PHONE };

/* X(CONSTANT, name, of, what the person does) */
/* clang-format off */
#define ORDERS(X) \
	X(SIGN_IN, "sign-in", ORDER_BOTH, "starts the client") \
	X(SIGN_OUT, "sign-out", ORDER_BOTH, "ends it; the server is told") \
	X(SEND, "send", ORDER_BOTH, "writes `text`, to whom `to` says or in the conversation that is open") \
	X(TYPE, "type", ORDER_BOTH, "begins to write, which the other side is shown") \
	X(ACCEPT, "accept", ORDER_BOTH, \
	  "takes the invitation, or the toast: then the app is opened and accepts what it finds") \
	X(DECLINE, "decline", ORDER_BOTH, "refuses it, in the same way") \
	X(IGNORE, "ignore", ORDER_BOTH, "does nothing about it any more") \
	X(CANCEL, "cancel", ORDER_BOTH, "takes back an invitation that nobody has answered") \
	X(BYE, "bye", ORDER_BOTH, "ends the conversation, when what was written is delivered") \
	X(OPEN, "open", ORDER_PHONE, "opens the app") \
	X(BACKGROUND, "background", ORDER_PHONE, "leaves it for the home screen") \
	X(LOCK, "lock", ORDER_PHONE, "turns the screen off; the app goes to the background") \
	X(UNLOCK, "unlock", ORDER_PHONE, "turns it on") \
	X(DISMISS, "dismiss", ORDER_PHONE, "wipes the toast away") \
	X(LOSE_NETWORK, "lose-network", ORDER_PHONE, \
	  "goes where there is none: all connections are gone, what is sent fails") \
	X(NETWORK_BACK, "network-back", ORDER_PHONE, "comes back: held requests are sent again") \
	X(SWITCH_OFF, "switch-off", ORDER_BOTH, "pulls the plug: nobody is told. A phone stays signed in") \
	X(SWITCH_ON, "switch-on", ORDER_BOTH, \
	  "a phone connects again and gets what the push service kept")

enum order {
#define X(CONSTANT, name, of, what) ORDER_##CONSTANT,
	ORDERS(X)
#undef X
	N_ORDERS
};
/* clang-format on */

struct order_row {
	const char *name;
	int of;
	const char *what; /* the person does; words in `` are members of the order */
};

extern const struct order_row order_rows[N_ORDERS];

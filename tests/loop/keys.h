/*
 * Keys for tests of TLS
 */
#pragma once

#include "mcxd/net/pki.h"

/** An authority with certificates for two names: the server's and a client's. */
struct keys {
	char dir[32];
	struct pki_pair ca, server, client;
};

/** Make them in a folder of their own; the server's is for lab.test, the client's for client.test, both for 127.0.0.1. */
void keys_make(struct keys *k);
void keys_remove(struct keys *k);

/** Those of a program's tests, and such as nobody trusts: made before the first test, removed after the last. */
extern struct keys keys_ours, keys_foreign;
int keys_set_up(void **state);
int keys_tear_down(void **state);

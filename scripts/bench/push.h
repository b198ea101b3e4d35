/*
 * Push
 *
 * The clearing house of the bench: answers every push MESSAGE with success, over UDP or TCP, and
 * says which phone it was for.
 */
#pragma once

/** index: the number behind "/n/" in the notification URI of the body. */
typedef void push_h(unsigned long index);

/** address is "127.0.0.1:5061"; both transports listen there. */
void push_listen(const char *address, push_h *on_push);

/** How many have come. */
unsigned long push_count(void);

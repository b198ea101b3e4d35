/*
 * Stack
 *
 * What all SIP agents of a process share: sofia's root, which is a guest of our loop, sofia's clock, which follows the loop's, and
 * the sockets' common buffers. Nobody registers a descriptor in the root: it has timers only.
 */
#pragma once

#include <sofia-sip/su_wait.h>

struct hosts;
struct loop;
struct net;
struct stack;

/** hosts: names that may be connected to; it outlives the stack, NULL: none. There can be one stack at a time, because sofia
 *  has one clock. Returns 0 or a negative errno. */
int stack_new(struct loop *l, const struct hosts *hosts, struct stack **ret_stack);
/** After every agent. NULL is fine. */
struct stack *stack_free(struct stack *s);

/** The name and version of the library that it was built with. */
extern const char stack_library[];

struct loop *stack_loop(const struct stack *s);
struct net *stack_net(const struct stack *s);
const struct hosts *stack_hosts(const struct stack *s);
su_root_t *stack_root(const struct stack *s);

/** sofia has something to do that is not a timer. */
void stack_wake(struct stack *s);

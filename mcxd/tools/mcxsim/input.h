/*
 * Input
 *
 * The lines of a file descriptor, through the loop.
 */
#pragma once

struct loop;

/** A line, without its line feed. */
typedef void input_line_h(void *magic, const char *line);
/** There will be no more. */
typedef void input_end_h(void *magic);

struct input;

/** Read fd, which stays the caller's; lines that are too long are cut. A character device that is not a
 *  terminal (/dev/null) is not read, as if it were silent and never ended: NULL is returned. */
struct input *input_new(struct loop *l, int fd, input_line_h *on_line, input_end_h *on_end,
			void *magic);
struct input *input_free(struct input *in);

/*
 * Frame
 *
 * Where a SIP message begins and ends in a stream (RFC 3261 7.5 and 18.3; keep-alives of RFC 5626 3.5.1). Nothing is parsed
 * beyond what that takes: whether the first line may be SIP's, where the head ends, and what Content-Length says.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum frame_kind {
	FRAME_MORE,    /* not complete yet */
	FRAME_BLANK,   /* line ends and spaces before a message */
	FRAME_MESSAGE, /* a whole message */
	FRAME_UNFRAMED, /* a head that does not tell where its message ends; it may be answered, nothing after it read */
	FRAME_BARE_LF, /* a head with lines that end in LF alone: the same */
	FRAME_JUNK     /* not SIP */
};

struct frame {
	enum frame_kind kind;
	size_t n; /* bytes of it; of FRAME_MORE what the whole message takes, 0 if that is not known */
	size_t n_head;   /* of a message: up to its body */
	bool is_ping;    /* of FRAME_BLANK: a double CRLF, which is answered with one CRLF */
	const char *why; /* of the last three kinds: a sentence */
};

/** Look at the n bytes at p, where a message is to begin. *scanned carries what is known of an incomplete head from call to
 *  call: 0 at the beginning of each message. */
struct frame frame_find(const char *p, size_t n, size_t *scanned);

/** How many of the n bytes at p are line ends and spaces before the first other. */
size_t frame_count_blanks(const char *p, size_t n);

/** What is wrong with one of these. */
#define FRAME_FOLDED "The first header line begins with a blank"

/** Whether the first header line of a message begins with a blank: a fold of nothing, which one parser takes for a header, another
 *  for none, and a third for the end of the head (RFC 3261 7.3.1). */
bool frame_begins_folded(const char *p, size_t n);

/** Whether the head of a message has a NUL where none may be: all places but a quoted pair, which begins with a backslash in a
 *  quoted string or a comment (RFC 3261 25.1). */
bool frame_has_bare_nul(const char *p, size_t n);

/** Whether a datagram, or the first line of a stream, may be SIP: a token first, and the protocol's name in the line
 *  (RFC 3261 7.1, 7.2). An incomplete line may be. */
bool frame_may_be_sip(const char *p, size_t n);

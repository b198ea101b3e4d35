/*
 * Party
 *
 * What the two ends of a conversation tell each other: who answers, what is offered, what is said. These are
 * plain values that a leg passes to the other leg through the conversation; nobody keeps them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct foreign;
struct leg;

/** A callee's endpoint, as the caller's leg gets to know it. */
struct party {
	const char *aor;
	const char *display_name; /* may be NULL */
	const char *epid;         /* may be NULL */
	const char *gruu_token;   /* of a phone: 22 characters and "AA"; NULL for a SIP contact */
	const char *user_agent;   /* may be NULL */
	int status;               /* while it rings, as its protocol says it; 0: the usual one */
	const struct foreign *answer; /* in the words of its client; NULL: it has none of its own */
	bool is_phone;
	bool needs_first_line; /* its client did not take the first line from the invitation */
	bool is_proxied; /* set by the conversation, for its caller: the invitation went to registered endpoints */
};

/** An instant message. */
struct im {
	uint64_t id; /* chosen by the leg that sends it, and given back to its said() */
	const char *operation_id; /* what a phone calls it; may be NULL */
	const char *content_type;
	const char *body;
	size_t n_body;
};

/** What an invitation is about. Two clients of one protocol settle all of them between themselves; a phone can answer text
 *  only, and is told of calls. */
enum media { MEDIA_TEXT, MEDIA_AUDIO, MEDIA_VIDEO, MEDIA_OTHER };

/** What a phone's app calls an invitation. */
enum invitation_what {
	INVITATION_MESSAGING,   /* messagingInvitation */
	INVITATION_PHONE_AUDIO, /* phoneAudioInvitation */
	INVITATION_MEETING      /* onlineMeetingInvitation */
};

/** What a caller offers. The strings are valid during the call only. */
struct invitation {
	const char *from;            /* AoR */
	const char *from_name;       /* may be NULL: that of the user, if it is ours */
	const char *to;              /* AoR */
	const char *subject;         /* may be NULL */
	const char *importance;      /* "normal", ...; may be NULL */
	const char *thread_id;       /* Ms-Conversation-ID; may be NULL: a new one */
	const char *first_line;      /* may be NULL */
	const char *first_line_type; /* its content type; NULL without a first line */
	const struct foreign *
		offer; /* what its client offers, for clients that speak the same protocol; may be NULL */
	const struct leg *caller; /* set by the conversation, for its callees */
	const char *key;          /* the journal's key of the caller's leg, "sip:<Call-ID>" */
	unsigned hops;            /* Max-Forwards of what goes on to the callee */
	uint64_t phone;           /* of the callee's endpoints, this phone alone; 0: all */
	int64_t timeout_ms;       /* how long it may ring; 0: core.invite_timeout */
	enum media media;
	bool conference; /* it is to a conference */
	bool is_local;   /* it came from this machine */
	bool may_repeat; /* the caller may send the first line again: see core/relay.c */
	bool paged; /* it has come as a message without a session (RFC 3428): only phones are told, and what is said before one
		       of them has answered goes there, too */
};

/*
 * mcxctl: the table of commands
 */
#include "mcxd/tools/mcxctl/command.h"

#include "mcxd/base/fault.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "proto/order.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

enum { KIND_COLUMN = 16, ORDER_COLUMN = 16, JOINT_COLUMN = 32 };

/* ---- what the help of some says besides ---- */

static void add_kinds(struct text *out)
{
	text_add(out,
		 "\nKIND is one of these kinds, FIELD one of its fields, or key, header.NAME of\n"
		 "a SIP message, or body, which has to contain the value. Records behind \"then\"\n"
		 "have to come after those before it. Records that are already in the journal\n"
		 "count as well; mcxctl journal --json shows them in full.\n\n"
		 "Kinds, when they are recorded, and their fields:\n");
	for (size_t i = 0; i < N_RECORD_KINDS; i++) {
		const struct record_kind_row *kind = &record_kinds[i];
		CLEANUP(mem_free_string) char *fields = text_concat("Fields: ", kind->fields);

		text_add_help(out, kind->name, KIND_COLUMN, kind->when);
		if (*kind->fields)
			text_add_help(out, "", KIND_COLUMN, fields);
	}
}

static void add_orders(struct text *out)
{
	text_add(
		out,
		"\nKIND is desktop or phone; ACTOR the number of one, its name, or the address of\n"
		"a user who has no other. What can be done depends on what the person sees at\n"
		"the moment.\n\n"
		"Orders, and what the person does then:\n");
	for (int i = 0; i < N_ORDERS; i++) {
		const struct order_row *row = &order_rows[i];
		CLEANUP(mem_free_string)
		char *words = text_concat(row->of == ORDER_PHONE ? "Phone: " : "", row->what);

		text_add_help(out, row->name, ORDER_COLUMN, words);
	}
}

static void add_joints(struct text *out)
{
	text_add(
		out,
		"\nRULE is WHERE WHAT [LIMIT]...: WHERE a joint of the lab (\"->\" may be written\n"
		"for the arrow), WHAT what happens to what passes there, as in status=503 or\n"
		"delay=200ms. Limits: times=NUMBER, only the first so many; nth=NUMBER, only\n"
		"that one; probability=NUMBER, one in so many; user=ADDRESS, only what is about\n"
		"that user. \"set\" breaks this and nothing else, \"add\" this as well, and "
		"\"clear\"\n"
		"mends all.\n\n"
		"What can happen:\n");
	for (int i = 0; i < N_FAULT_WHATS; i++)
		text_add_help(out, fault_what_names[i], JOINT_COLUMN, fault_what_help[i]);
	text_add(out, "\nJoints:\n");
	for (int i = 0; i < N_FAULT_JOINTS; i++) {
		char status[64];

		snprintf(status, sizeof(status), "status from 400 to %d",
			 fault_joints[i].max_status);
		text_add_help(out, fault_joints[i].name, JOINT_COLUMN, status);
	}
}

/* ---- the table ---- */

#define OPT(name) CTL_BIT(CTL_OPT_##name)
#define ABOUT     (OPT(USER) | OPT(CONVERSATION) | OPT(HOP) | OPT(PHONE) | OPT(FROM))
#define FOLLOWING                                                                                  \
	(ABOUT | OPT(FOLLOW) | OPT(METHOD) | OPT(STATUS) | OPT(SINCE) | OPT(KEY) | OPT(LIMIT))
#define VERIFYING (ABOUT | OPT(COUNT) | OPT(NEVER))
#define WAITING   (ABOUT | OPT(COUNT) | OPT(TIMEOUT) | OPT(LAB_TIME) | OPT(NEVER_WITHIN))
#define EXPORTING                                                                                  \
	(ABOUT | OPT(KIND) | OPT(METHOD) | OPT(STATUS) | OPT(SINCE) | OPT(KEY) | OPT(FORMAT) |     \
	 OPT(AT) | OPT(OUTPUT) | OPT(ASCII) | OPT(WIDTH) | OPT(JOURNAL) | OPT(BODIES))

#define EXPECTATION "KIND [FIELD=VALUE|FIELD~REGEX]... [then ...]"
#define EXAMPLES(...)                                                                              \
	.examples = (const char *const[])                                                          \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

/* clang-format off */
const struct ctl_command ctl_commands[] = {
	{ "status", "", 0, 0, 0, ctl_status, "Version, roles, listeners, counts, clock.",
	  EXAMPLES("mcxctl status", "what runs here, and where it listens") },
	{ "health", "", 0, 0, 0, ctl_health, "Whether the daemon runs, and serves callers and phones; exit 0 if both.",
	  EXAMPLES("mcxctl health", "for a probe: exit 0 when the lab is ready") },
	{ "users", "", 0, 0, 0, ctl_users, "Users of the front end.",
	  EXAMPLES("mcxctl users", "who there is, what they may do, and how many endpoints they have") },
	{ "user", "add|show|set|remove ADDRESS [VALUE]...", 2, 8, 0, ctl_user,
	  "Add a user, with PASSWORD [NAME]; show one; change one, with name=, password=, number=, mobility= or push=; remove one who was added.",
	  .places = { "add show set remove", "USER", "PROPERTY" },
	  EXAMPLES("mcxctl user add zoe@lab.test secret \"Zoe Z.\"", "one more, who can sign in at once",
		   "mcxctl user show zoe@lab.test", "one alone",
		   "mcxctl user set zoe@lab.test push=no", "her phone gets no pushes from now on",
		   "mcxctl user remove zoe@lab.test", "with everything that she has open") },
	{ "endpoints", "", 0, 0, OPT(USER), ctl_endpoints, "SIP contacts and phones.",
	  EXAMPLES("mcxctl endpoints --user bob@lab.test", "where Bob can be reached") },
	{ "phones", "", 0, 0, OPT(USER), ctl_phones, "Phones: what is on their screens, and whether they can be pushed.",
	  EXAMPLES("mcxctl phones --user bob@lab.test", "Bob's tile and his last toast") },
	{ "conversations", "", 0, 0, OPT(USER) | OPT(STATE), ctl_conversations, "Live and ended conversations, newest last.",
	  EXAMPLES("mcxctl conversations --user bob@lab.test", "those of Bob, whoever began them",
		   "mcxctl conversations --state ALERTING", "those that wait for an answer") },
	{ "conversation", "[end] ID|last", 1, 2, 0, ctl_conversation, "One conversation: its legs, and what happened when; or end it.",
	  .places = { "end CONVERSATION", "CONVERSATION" },
	  EXAMPLES("mcxctl conversation last", "the newest, a line for each moment",
		   "mcxctl conversation end last", "a caller who waits gets 480, and connected clients a BYE") },
	{ "pushes", "", 0, 0, OPT(USER), ctl_pushes, "Push notifications and their outcomes, and those that were not sent.",
	  EXAMPLES("mcxctl pushes --user bob@lab.test", "what was pushed to Bob, and why not") },
	{ "push", "ID|last", 1, 1, 0, ctl_show_push, "One push, hop by hop.",
	  .places = { "PUSH" },
	  EXAMPLES("mcxctl push last", "where the newest went, and when") },
	{ "explain", "USER", 1, 1, 0, ctl_explain,
	  "Why a user's phone gets no notification, and what to do; exit 0 if nothing is in the way.",
	  .places = { "USER" },
	  EXAMPLES("mcxctl explain bob@lab.test", "policy, subscription, foreground, last push, channel, in sentences") },
	{ "trace", "", 0, 0, FOLLOWING | OPT(BODIES), ctl_trace, "Every SIP message, and every diagnostic of the Edge, in SIPStack format.",
	  EXAMPLES("mcxctl trace --user bob@lab.test", "those that are about Bob, so far",
		   "mcxctl trace --follow --hop edge", "those of the Edge, as they pass") },
	{ "ladder", "[ID|last]", 0, 1, OPT(ASCII) | OPT(WIDTH) | OPT(FOLLOW) | OPT(USER), ctl_ladder,
	  "Draw a conversation with all its hops.",
	  .places = { "CONVERSATION" },
	  EXAMPLES("mcxctl ladder last", "the newest conversation",
		   "mcxctl ladder --follow", "every conversation from now on, as it goes") },
	{ "export", "ID|last|journal|lab", 1, 1, EXPORTING, ctl_export,
	  "A conversation, or all of the journal, as a file for other tools; or the whole lab, to be imported again: that file has passwords in it.",
	  .places = { "CONVERSATION journal lab" },
	  EXAMPLES("mcxctl export last --format svg -o hi.svg", "the ladder as a picture",
		   "mcxctl export journal --format pcapng --user bob@lab.test -o bob.pcapng", "for Wireshark",
		   "mcxctl export lab -o lab.json", "everything that the front end knows",
		   "mcxctl export lab --journal=no -o lab.json", "but not what it has recorded") },
	{ "import", "FILE", 1, 1, 0, ctl_import, "Reset everything, and let the lab be as it was when this was exported.",
	  .places = { "" },
	  EXAMPLES("mcxctl import lab.json", "all of it, or nothing changes") },
	{ "journal", "", 0, 0, FOLLOWING | OPT(KIND), ctl_journal, "Every record of the journal, a line each.",
	  EXAMPLES("mcxctl journal --kind push --json", "all that is known of every push",
		   "mcxctl journal --from 1 --limit 20", "how it began",
		   "mcxctl journal --follow", "everything, as it happens") },
	{ "wait", EXPECTATION, 1, 30, WAITING, ctl_wait,
	  "Wait until matching records are in the journal, or print the closest miss.", add_kinds,
	  .places = { "KIND", "FIELD" },
	  EXAMPLES("mcxctl wait sip status=180 --user bob@lab.test --timeout 5s", "until somebody rings Bob",
		   "mcxctl wait sip method=INVITE then push state=sent", "two, in this order",
		   "mcxctl wait sip status=180 header.Server~McxService", "a header, by a pattern") },
	{ "verify", EXPECTATION, 1, 30, VERIFYING, ctl_verify, "The same of what is in the journal now.", add_kinds,
	  .places = { "KIND", "FIELD" },
	  EXAMPLES("mcxctl verify toast --user carol@lab.test --never", "Carol's phone has shown nothing") },
	{ "clock", "[advance DURATION | freeze | resume]", 0, 2, 0, ctl_clock, "Show, advance, freeze or resume the lab's clock.",
	  .places = { "advance freeze resume" },
	  EXAMPLES("mcxctl clock", "what time it is in the lab",
		   "mcxctl clock advance 60s", "let 60 seconds pass now",
		   "mcxctl clock freeze", "let it stand still",
		   "mcxctl clock resume", "let it run") },
	{ "expire", "THING ID|ADDRESS", 2, 2, 0, ctl_expire,
	  "Let the time of one THING be over, without moving the clock: conversation, session, registration or subscription. ID: a "
	  "conversation's number or last; of a phone's session or push subscription, its application id; the number of a SIP contact. "
	  "ADDRESS: of the user who has only one.",
	  .places = { "conversation session registration subscription", "EXPIRABLE" },
	  EXAMPLES("mcxctl expire conversation last", "the caller gets 408 now",
		   "mcxctl expire subscription bob@lab.test", "Bob's phone cannot be pushed any more",
		   "mcxctl expire session bob@lab.test", "it is signed out",
		   "mcxctl expire registration alice@lab.test", "Alice's desktop is gone for the server") },
	{ "actors", "", 0, 0, 0, ctl_actors, "Desktops and phones that the lab hosts.",
	  EXAMPLES("mcxctl actors", "what each of their persons sees") },
	{ "actor", "new KIND USER | show|remove|ORDER ACTOR [TEXT]", 2, 3, OPT(SIGN_IN) | OPT(NAME) | OPT(TO), ctl_actor,
	  "Host a desktop or a phone, and have it do what a person does: over real SIP and HTTPS.", add_orders,
	  .places = { "new show remove ORDER", "ACTOR", "USER" },
	  EXAMPLES("mcxctl actor new desktop carol@lab.test --sign-in", "a desktop of Carol's",
		   "mcxctl actor send carol@lab.test \"Hi Bob\" --to bob@lab.test", "she writes to Bob",
		   "mcxctl actor accept bob@lab.test", "Bob takes what his toast says",
		   "mcxctl actor show bob@lab.test", "what Bob sees",
		   "mcxctl actor remove carol@lab.test", "she signs out, and is gone") },
	{ "faults", "[set|add RULE [and RULE]... | clear]", 0, 30, OPT(SEED), ctl_faults,
	  "What is broken, and how often it has struck; or break joints of the lab, or mend them.", add_joints,
	  .places = { "set add clear", "JOINT", "FAULT" },
	  EXAMPLES("mcxctl faults set 'edge->clearing-house' status=503 times=3", "the next three pushes are refused",
		   "mcxctl faults add 'push-service->phone' delay=200ms", "and toasts come late",
		   "mcxctl faults", "what is broken now",
		   "mcxctl faults clear", "mend everything") },
	{ "reset", "[ADDRESS]", 0, 1, 0, ctl_reset,
	  "End what is under way and forget what was, of one user or of all; then users who were added go, too.",
	  .places = { "USER" },
	  EXAMPLES("mcxctl reset", "as after a start",
		   "mcxctl reset bob@lab.test", "Bob alone, who stays") },
	{ "settings", "[WORD]", 0, 1, 0, ctl_settings, "All settings and their values, or those with this word in their names.",
	  .places = { "SETTING" },
	  EXAMPLES("mcxctl settings core", "those of a section") },
	{ "set", "NAME VALUE [NAME VALUE]... | NAME", 1, 30, 0, ctl_set,
	  "Change settings that are live, all or none, until the next reset; without a value, to what the daemon was started with.",
	  .places = { "LIVE", "", "LIVE" },
	  EXAMPLES("mcxctl set core.invite_timeout 5s", "invitations that begin now wait for 5 seconds",
		   "mcxctl set core.invite_timeout", "as it was") },
	{ "limits", "[WORD]", 0, 1, 0, ctl_limits, "All limits: what is used of them, and what they have refused.",
	  .places = { "LIMIT" },
	  EXAMPLES("mcxctl limits connections", "those with this word in their names") },
	{ "metrics", "[prometheus]", 0, 1, 0, ctl_metrics, "Counters and gauges; or the same as Prometheus reads it.",
	  .places = { "prometheus" },
	  EXAMPLES("mcxctl metrics", "with what they mean",
		   "mcxctl metrics prometheus", "as /metrics says it") },
	{ "test-push", "", 0, 0, OPT(EDGE) | OPT(USER), ctl_test_push,
	  "Test-CsMcxPushNotification: send a test push that addresses no phone, or, with --user, a phone of that user.",
	  EXAMPLES("mcxctl test-push", "does the way of a push work?",
		   "mcxctl test-push --user bob@lab.test", "does it work as far as Bob's phone?") },
	{ "test-im", "USER USER", 2, 2, 0, ctl_test_im,
	  "Test-CsMcxP2PIM: let two users sign in with phones and send each other a message.",
	  .places = { "USER", "USER" },
	  EXAMPLES("mcxctl test-im alice@lab.test bob@lab.test", "do messages get from one phone to another, and back?") },
	{ "drill", "list|NAME", 1, 1, 0, ctl_drill,
	  "Play a known failure with actors made for it, check what is seen, and put everything back; exit 0 if all was seen.",
	  .places = { "DRILL list" },
	  EXAMPLES("mcxctl drill list", "the failures that can be played",
		   "mcxctl drill dead-channel", "break the channel of a phone, and see who says what") },
	{ "fsm", "conversation|phone", 1, 1, 0, ctl_fsm, "A state machine of the front end, as a graph for Graphviz.",
	  .places = { "conversation phone" },
	  EXAMPLES("mcxctl fsm conversation", "pipe it into: dot -Tsvg") },
	{ "openapi", "", 0, 0, 0, ctl_openapi, "The description of the lab API, for programs (OpenAPI 3.1).",
	  EXAMPLES("mcxctl openapi", "everything that this program asks, and how") },
	{ "complete", "WORD...", 1, CTL_MAX_ARGS - 1, 0, NULL,
	  "What the last WORD, which may be incomplete or empty, can become; for a shell.",
	  EXAMPLES("mcxctl complete ladder --wi", "--width") },
};
/* clang-format on */

const size_t n_ctl_commands = ARRAY_SIZE(ctl_commands);

const struct ctl_command *ctl_command_find(const char *name)
{
	for (size_t i = 0; i < n_ctl_commands; i++)
		if (strcmp(ctl_commands[i].name, name) == 0)
			return &ctl_commands[i];
	return NULL;
}

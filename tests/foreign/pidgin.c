/*
 * Pidgin without a window: one account of pidgin-sipe, which signs in, takes lines to send from standard input, and prints what
 * happens, a line each.
 *
 *   pidgin FOLDER ADDRESS PASSWORD HOST:PORT tcp|tls ntlm|automatic
 *
 *   im ADDRESS TEXT     on standard input: say that
 *
 *   signed on           on standard output
 *   refused REASON
 *   lost REASON         the connection; it is made again
 *   im ADDRESS TEXT     somebody has said that
 *   error ADDRESS TEXT  what the window of the conversation shows in red
 *
 * At the end of its input it signs out, and ends. FOLDER is Pidgin's, where certificates that it trusts are.
 */
#include <glib.h>
#include <purple.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECONNECT_MS = 200 };

static GMainLoop *the_loop;
static PurpleAccount *the_account;

static void say(const char *what, const char *whom, const char *text)
{
	char *plain = text ? purple_markup_strip_html(text) : g_strdup("");

	g_strdelimit(plain, "\r\n", ' ');
	printf("%s%s%s%s%s\n", what, whom ? " " : "", whom ? whom : "", *plain ? " " : "", plain);
	fflush(stdout);
	g_free(plain);
}

/* ---- libpurple's loop is GLib's ---- */

struct watch {
	PurpleInputFunction fn;
	gpointer data;
};

static gboolean on_ready(GIOChannel *channel, GIOCondition condition, gpointer data)
{
	const struct watch *w = data;
	int what = 0;

	if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
		what |= PURPLE_INPUT_READ;
	if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL))
		what |= PURPLE_INPUT_WRITE;
	w->fn(w->data, g_io_channel_unix_get_fd(channel), (PurpleInputCondition)what);
	return TRUE;
}

static guint input_add(int fd, PurpleInputCondition condition, PurpleInputFunction fn,
		       gpointer data)
{
	struct watch *w = g_new0(struct watch, 1);
	GIOChannel *channel = g_io_channel_unix_new(fd);
	int what = G_IO_HUP | G_IO_ERR | G_IO_NVAL;
	guint id;

	w->fn = fn;
	w->data = data;
	if (condition & PURPLE_INPUT_READ)
		what |= G_IO_IN;
	if (condition & PURPLE_INPUT_WRITE)
		what |= G_IO_OUT;
	id = g_io_add_watch_full(channel, G_PRIORITY_DEFAULT, (GIOCondition)what, on_ready, w,
				 g_free);
	g_io_channel_unref(channel);
	return id;
}

static PurpleEventLoopUiOps loop_ops = {
	.timeout_add = g_timeout_add,
	.timeout_remove = g_source_remove,
	.input_add = input_add,
	.input_remove = g_source_remove,
	.timeout_add_seconds = g_timeout_add_seconds,
};

/* ---- what happens ---- */

static void on_signed_on(PurpleConnection *gc)
{
	(void)gc;
	say("signed on", NULL, NULL);
}

static gboolean on_again(gpointer data)
{
	(void)data;
	purple_account_connect(the_account);
	return FALSE;
}

/* As Pidgin does, though sooner. */
static void on_refused(PurpleConnection *gc, PurpleConnectionError error, const char *text)
{
	(void)gc;
	if (error == PURPLE_CONNECTION_ERROR_NETWORK_ERROR) {
		say("lost", NULL, text);
		g_timeout_add(RECONNECT_MS, on_again, NULL);
	} else {
		say("refused", NULL, text);
	}
}

static void on_im(PurpleAccount *account, const char *sender, const char *text,
		  PurpleConversation *conversation, PurpleMessageFlags flags)
{
	(void)account;
	(void)conversation;
	(void)flags;
	say("im", sender, text);
}

static void on_shown(PurpleAccount *account, const char *who, const char *text,
		     PurpleConversation *conversation, PurpleMessageFlags flags)
{
	(void)account;
	(void)conversation;
	if (flags & (PURPLE_MESSAGE_ERROR | PURPLE_MESSAGE_SYSTEM))
		say("error", who, text);
}

static void connect_signals(void)
{
	static int handle;

	purple_signal_connect(purple_connections_get_handle(), "signed-on", &handle,
			      PURPLE_CALLBACK(on_signed_on), NULL);
	purple_signal_connect(purple_connections_get_handle(), "connection-error", &handle,
			      PURPLE_CALLBACK(on_refused), NULL);
	purple_signal_connect(purple_conversations_get_handle(), "received-im-msg", &handle,
			      PURPLE_CALLBACK(on_im), NULL);
	purple_signal_connect(purple_conversations_get_handle(), "wrote-im-msg", &handle,
			      PURPLE_CALLBACK(on_shown), NULL);
}

/* ---- what is asked for ---- */

static gboolean on_quiet(gpointer data)
{
	(void)data;
	g_main_loop_quit(the_loop);
	return FALSE;
}

static void send_im(char *line)
{
	char *to = line + strlen("im "), *text = strchr(to, ' ');
	PurpleConversation *c;

	if (!text)
		return;
	*text++ = '\0';
	c = purple_find_conversation_with_account(PURPLE_CONV_TYPE_IM, to, the_account);
	if (!c)
		c = purple_conversation_new(PURPLE_CONV_TYPE_IM, the_account, to);
	purple_conv_im_send(PURPLE_CONV_IM(c), text);
}

static gboolean on_line(GIOChannel *channel, GIOCondition condition, gpointer data)
{
	char *line = NULL;
	gsize end = 0;

	(void)condition;
	(void)data;
	if (g_io_channel_read_line(channel, &line, NULL, &end, NULL) != G_IO_STATUS_NORMAL) {
		purple_account_set_enabled(the_account, purple_core_get_ui(), FALSE);
		g_idle_add(on_quiet, NULL); /* its last REGISTER is flushed */
		return FALSE;
	}
	line[end] = '\0';
	if (g_str_has_prefix(line, "im "))
		send_im(line);
	g_free(line);
	return TRUE;
}

/* ---- life ---- */

static void on_debug(PurpleDebugLevel level, const char *category, const char *text)
{
	(void)level;
	fprintf(stderr, "%s: %s", category ? category : "", text);
}

static gboolean wants_debug(PurpleDebugLevel level, const char *category)
{
	(void)level;
	return category && !strcmp(category, "sipe");
}

static PurpleDebugUiOps debug_ops = { .print = on_debug, .is_enabled = wants_debug };

static void start(const char *folder)
{
	purple_util_set_user_dir(folder);
	purple_debug_set_enabled(FALSE);
	purple_debug_set_ui_ops(&debug_ops);
	purple_eventloop_set_ui_ops(&loop_ops);
	purple_plugins_add_search_path("/usr/lib/purple-2");
	if (!purple_core_init("mcxd-test"))
		abort();
	purple_set_blist(purple_blist_new());
	purple_prefs_load();
	connect_signals();
}

static PurpleAccount *make_account(char **args)
{
	PurpleAccount *a = purple_account_new(args[0], "prpl-sipe");

	purple_account_set_password(a, args[1]);
	purple_account_set_string(a, "server", args[2]);
	purple_account_set_string(a, "transport", args[3]);
	purple_account_set_string(a, "authentication", args[4]);
	purple_accounts_add(a);
	return a;
}

int main(int argc, char **argv)
{
	GIOChannel *input = g_io_channel_unix_new(STDIN_FILENO);

	if (argc != 7) {
		fprintf(stderr, "usage: pidgin FOLDER ADDRESS PASSWORD HOST:PORT TRANSPORT "
				"AUTHENTICATION\n");
		return 2;
	}
	the_loop = g_main_loop_new(NULL, FALSE);
	start(argv[1]);
	if (!purple_find_prpl("prpl-sipe")) {
		fprintf(stderr, "pidgin-sipe is not installed\n");
		return 1;
	}
	the_account = make_account(argv + 2);
	purple_account_set_enabled(the_account, purple_core_get_ui(), TRUE);
	g_io_add_watch(input, G_IO_IN | G_IO_HUP, on_line, NULL);
	g_main_loop_run(the_loop);
	purple_core_quit();
	return 0;
}

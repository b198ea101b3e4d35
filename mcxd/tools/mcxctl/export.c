/*
 * mcxctl: export
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* All but the filters. */
static void add_options(struct text *path, const struct ctl_options *o)
{
	text_add(path, "/export?format=");
	percent_add(path, o->format, strlen(o->format), "");
	if (*o->at) {
		text_add(path, "&at=");
		percent_add(path, o->at, strlen(o->at), "");
	}
	if (strcmp(o->format, "text") == 0)
		text_addf(path, "&width=%lld&ascii=%d", (long long)o->width, o->ascii);
	if (!o->bodies)
		text_add(path, "&bodies=0");
	if (o->from)
		text_addf(path, "&from=%lld", (long long)o->from);
}

/* A whole lab has passwords and tokens in it. */
static FILE *open_file(const char *file, bool is_private)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, is_private ? 0600 : 0666);

	if (fd >= 0 && is_private)
		fchmod(fd, 0600);
	return fd < 0 ? NULL : fdopen(fd, "w");
}

static int save(const char *file, const struct text *bytes, bool is_private)
{
	FILE *f;
	int err = 0;

	if (!*file) {
		ctl_write(bytes);
		return ferror(stdout) ? CTL_NO : CTL_YES;
	}
	f = open_file(file, is_private);
	if (!f || fwrite(text_str(bytes), 1, bytes->n, f) != bytes->n || fflush(f) != 0)
		err = errno;
	if (f && fclose(f) != 0 && !err)
		err = errno;
	if (err)
		ctl_complain("cannot write %s: %s", file, strerror(err));
	return err ? CTL_NO : CTL_YES;
}

static int export_of_journal(struct ctl *c, struct text *path)
{
	CLEANUP(mem_free_string) char *filters = ctl_filters(&c->options, c->options.kind);

	text_add(path, "journal");
	add_options(path, &c->options);
	text_add(path, filters);
	return CTL_YES;
}

static int export_of_conversation(struct ctl *c, const char *arg, struct text *path)
{
	CLEANUP(mem_free_string) char *id = NULL;
	CLEANUP(mem_free_string) char *filters = ctl_filters(&c->options, c->options.kind);
	int code;

	if (*filters || c->options.from) {
		ctl_complain("only an export of the journal takes filters");
		return CTL_USAGE;
	}
	code = ctl_number_of(c, CTL_CONVERSATION, arg, &id);
	text_add_all(path, "conversations/", id);
	add_options(path, &c->options);
	return code;
}

static int export_lab(struct ctl *c)
{
	CLEANUP(text_deinit) struct text bytes = TEXT_INIT;
	int code = ctl_fetch(c, c->options.journal ? "export" : "export?journal=0", &bytes);

	return code == CTL_YES ? save(c->options.output, &bytes, true) : code;
}

int ctl_import(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *body, *answer;
	int code;

	(void)n_args;
	errno = 0;
	body = json_object_from_file(args[0]);
	if (!body) {
		ctl_complain("cannot read %s: %s", args[0],
			     errno ? strerror(errno) : "it is not JSON");
		return CTL_NO;
	}
	code = ctl_call(c, "POST", "import", body, &answer);
	json_object_put(answer);
	return code;
}

int ctl_export(struct ctl *c, int n_args, char *const *args)
{
	CLEANUP(text_deinit) struct text path = TEXT_INIT;
	CLEANUP(text_deinit) struct text bytes = TEXT_INIT;
	int code;

	(void)n_args;
	if (strcmp(args[0], "lab") == 0)
		return export_lab(c);
	code = strcmp(args[0], "journal") == 0 ? export_of_journal(c, &path)
					       : export_of_conversation(c, args[0], &path);
	if (code == CTL_YES)
		code = ctl_fetch(c, text_str(&path), &bytes);
	return code == CTL_YES ? save(c->options.output, &bytes, false) : code;
}

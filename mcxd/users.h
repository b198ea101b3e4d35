/*
 * Users file
 *
 * An INI file with a section for each user of the lab,
 *
 *   [user bob@lab.test]
 *   display_name = Bob
 *   password = secret
 *   number = +1 555 0100
 *   enable_mobility = yes
 *   enable_push = yes
 *
 * or, without a file, the five users of the demo. A user without a password is accepted with a warning: SIP does
 * not ask for one, HTTPS does.
 */
#pragma once

struct core;
struct text;
struct users;

/** path NULL or "": the demo's users. */
struct users *users_new(struct core *c, const char *path);

/** The users themselves stay in core. NULL is fine. */
struct users *users_free(struct users *u);

/** Read the file: new users are added, known ones updated, also those that the lab API added and who are the file's from
 *  then on, and those that an earlier reading added and that are missing from it removed. Others stay. Returns 0, or a negative errno with a
 *  line for each error in errors, and then nothing has changed. */
int users_load(struct users *u, struct text *errors);

/*
 * Display name
 *
 * What people, desktops and phones are called, as a name is taken from those who run the lab. Whatever has been taken can be
 * written to a file and read back. What peers send is not refused because of its name.
 */
#pragma once

/** In characters: what the attribute displayName of Active Directory holds, from which Lync has its names. */
enum { DISPLAY_NAME_MAX = 256 };

/** What is wrong with it, as the end of a sentence: "must not be empty". NULL: nothing. Marks that change the direction of a
 *  text are taken, since names in Arabic and Hebrew have them; control characters and line ends are not. */
const char *display_name_flaw(const char *s);
/** The same for a text of one line and this length that may be empty. */
const char *display_line_flaw(const char *s);

/*
 * Version
 *
 * What --version of every program prints, and the lab API's status.
 */
#pragma once

/** The project's version and the commit it was built from, as "0.1.0 (commit abc1234)"; the commit is
 *  "unknown" when the source is not a git checkout. */
extern const char version_text[];

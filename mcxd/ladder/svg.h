/*
 * Ladder as SVG
 */
#pragma once

#include "proto/record.h"
#include "proto/text/text.h"

/** Append a drawing of n records, oldest first, with what ladder_draw() draws. It is a document of its own without
 *  script or outside references; its colours are custom properties of the root element (--paper, --ink, --sip …), which
 *  follow the reader's light or dark theme unless the page that it is put into sets them. Its description tells the story
 *  in words. */
void ladder_svg(struct text *out, const struct record *const *records, size_t n, const char *title);

/*
 * HTTPS API: the frame for pages of other origins
 */
#pragma once

#include "web/ucwa/operation.h"

#define UCWA_XFRAME_SCRIPT "/Autodiscover/XFrame/XFrame.js"

/** The text of xframe.js. */
extern const char ucwa_xframe_script[];

ucwa_h ucwa_get_xframe, ucwa_get_xframe_script;

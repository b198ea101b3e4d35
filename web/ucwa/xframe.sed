# Makes of xframe.js the string that xframe.h declares.
s/[\\"]/\\&/g
s/^/"/
s/$/\\n"/
1i #include "web/ucwa/xframe.h"\
\
const char ucwa_xframe_script[] =
$a ;

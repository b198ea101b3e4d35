# Builds the load tools; the scripts beside this file source it.
# shellcheck shell=bash
build_tool() { # PROGRAM SOURCE…
	gcc -std=gnu17 -O2 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -o "$1" "${@:2}" \
		scripts/bench/wire.c proto/text/text.c proto/text/utf8.c -ljson-c -lssl -lcrypto
}

build_tools() { # BUILD-FOLDER: into BUILD-FOLDER/bench-phones and bench-load
	build_tool "$1/bench-phones" scripts/bench/{phones,phone,push,resume}.c
	build_tool "$1/bench-load" scripts/bench/{load,burst,deaf,options,late,handshakes,invite,pace,times}.c
}

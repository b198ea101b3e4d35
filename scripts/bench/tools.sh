# Builds the load tools; the script beside this file sources it.
# What mcxsim fleet can do is done by it: phones that sleep or hold an event request, and flows in a whole lab, as in
# scripts/bench/soak. The rest is C, since it is for peers that are not mcxd, or more than a complete client can offer on one core:
#   phones, phone, resume, push   phones that accept 1000 conversations a second, of mcxd and of Kamailio alike (a fleet's take
#                                 2 ms of CPU for each), and a clearing house that only counts
#   options                       17,000 OPTIONS a second over UDP
#   burst                         20,000 INVITEs at once by one connection
#   deaf                          a peer that reads nothing
#   late, handshakes              INVITEs at an even rate, timed to the ms, beside 200 TLS handshakes a second
#   wire, invite, pace, times     what these share
# shellcheck shell=bash
build_tool() { # PROGRAM SOURCE…
	gcc -std=gnu17 -O2 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -o "$1" "${@:2}" \
		scripts/bench/wire.c proto/text/text.c proto/text/utf8.c -ljson-c -lssl -lcrypto
}

build_tools() { # BUILD-FOLDER: into BUILD-FOLDER/bench-phones and bench-load
	build_tool "$1/bench-phones" scripts/bench/{phones,phone,push,resume}.c
	build_tool "$1/bench-load" scripts/bench/{load,burst,deaf,options,late,handshakes,invite,pace,times}.c
}

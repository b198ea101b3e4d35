# Builds the load tool; the scripts beside this file source it.
# shellcheck shell=bash
build_phones() { # BUILD-FOLDER: into BUILD-FOLDER/bench-phones
	gcc -std=gnu17 -O2 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -o "$1/bench-phones" \
		scripts/bench/*.c proto/text/text.c proto/text/utf8.c -ljson-c
}

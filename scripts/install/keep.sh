#!/bin/sh
# Run by meson install: puts files into a folder of the configuration, unless they are there, for they are the operator's.
#   keep.sh FOLDER [MODE FILE]…
set -eu
folder=${DESTDIR:-}$1
shift
mkdir -p "$folder"
while [ $# -gt 0 ]; do
	target=$folder/$(basename "$2")
	if [ -e "$target" ]; then
		echo "Keeping $target"
	else
		install -m "$1" "$2" "$target"
	fi
	shift 2
done

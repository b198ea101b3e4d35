# What the scripts beside this file share; they source it.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*"; }

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

usage_error() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 2
}

# Prints the comment at the head of a script, which says how it is used.
print_usage() {
	sed -n '2,/^[^#]/{ s/^# \{0,1\}//p }' "scripts/${0##*/}"
}

# Copies standard input to a log; on a terminal it also shows the newest line after the step's name.
follow() { # NAME LOG
	if [ -t 1 ]; then
		tee "$2" | awk -v name="$1" -v columns="$(tput cols 2>/dev/null || echo 80)" '
			{ printf "\r\033[K%s", substr(name " ... " $0, 1, columns - 1); fflush() }
			END { printf "\r\033[K%s ... ", name }'
	else
		cat >"$2"
	fi
}

# Runs one step of several. Its output goes to a log, which is shown only if the step fails.
step() { # NAME LOG COMMAND...
	local name=$1 log=$2 started=$SECONDS
	shift 2
	printf '%s ... ' "$name"
	if "$@" 2>&1 </dev/null | follow "$name" "$log"; then
		printf 'done (%d s)\n' $((SECONDS - started))
	else
		printf 'failed\n'
		tail -n 60 "$log"
		die "$name failed; the whole output is in $log"
	fi
}

# Every C file of ours.
c_files() {
	find mcxd proto web tests scripts -name node_modules -prune -o -name '*.[ch]' -print | LC_ALL=C sort
}

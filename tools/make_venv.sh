#!/bin/sh
# Makes .venv unless a working one is there.
# Usage: make_venv.sh [interpreter]; without one, the newest Python 3.11 to 3.13 that runs is taken.
set -eu

suits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

if suits .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; then exit 0; fi

asked=${1:-python3}
[ -n "${1:-}" ] || set -- python3.13 python3.12 python3.11 python3
for python in "$@"; do
    # Asked to run, not only looked up: a version manager leaves commands behind that start nothing.
    if suits "$python"; then
        echo "Making .venv with $("$python" --version)"
        if "$python" -m venv --clear .venv; then exit 0; fi
        # Half an environment must not be taken for a whole one by the next call.
        rm -rf .venv
        failed="$python"
    fi
done

if [ -n "${failed:-}" ]; then
    echo "$failed cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 2
fi

echo "No Python 3.11, 3.12 or 3.13 runs here as '$asked'." >&2
echo "Install one from your system or python.org, or name it: make PYTHON=/path/to/python3.12" >&2
exit 2

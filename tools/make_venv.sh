#!/bin/sh
# Makes .venv unless a working one is there.
# Usage: make_venv.sh [interpreter]; without one, the newest Python 3.11 to 3.13 that runs is taken.
set -eu

suits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

suits .venv/bin/python && exit 0

asked=${1:-}
for python in ${asked:-python3.13 python3.12 python3.11 python3}; do
    # Asked to run, not only looked up: a version manager leaves commands behind that start nothing.
    if suits "$python"; then
        echo "Making .venv with $("$python" --version)"
        if "$python" -m venv --clear .venv; then exit 0; fi
        echo "$python cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 2
    fi
done

echo "No Python 3.11, 3.12 or 3.13 runs here as '${asked:-python3}'." >&2
echo "Install one from your system or python.org, or name it: make PYTHON=/path/to/python3.12" >&2
exit 2

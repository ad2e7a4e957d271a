#!/usr/bin/env bash
# Make .venv from requirements.lock, install the few Debian packages that PDF, browser and PostgreSQL tests need, and
# compile the inner loops.
# Does nothing when the lock file is unchanged. Says what it does, in Danish; UNDRING_LANGUAGE=en gives English.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

NEEDED=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core fonts-liberation poppler-utils chromium postgresql)

say() { if [ "${UNDRING_LANGUAGE:-da}" = en ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi; }

missing_packages() {
    command -v dpkg-query >/dev/null || return 0
    local package
    for package in "${NEEDED[@]}"; do
        dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || printf '%s ' "$package"
    done
}

say_missing() {
    say "Uden $1: ingen PDF, ingen browserprøver og ingen PostgreSQL-prøver. En administrator kan køre:" \
        "Without $1: no PDF, no browser tests and no PostgreSQL tests. An administrator can run:"
    printf '    sudo apt-get install -y --no-install-recommends %s\n' "$1"
}

# --- what is there already -------------------------------------------------------------------------------------------
lock=$(sha256sum requirements.lock | cut -d' ' -f1)
stamp="$lock $PWD"
missing=$(missing_packages)
if [ -x .venv/bin/undring ] && [ "$(cat .venv/undring.stamp 2>/dev/null)" = "$stamp" ]; then
    [ -z "$missing" ] || say_missing "${missing% }"
    exit 0
fi
start=$SECONDS

# --- Debian packages -------------------------------------------------------------------------------------------------
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installerer Debian-pakker: $missing" "Installing Debian packages: $missing"
        export DEBIAN_FRONTEND=noninteractive
        log=$(mktemp)
        # shellcheck disable=SC2086  # one word a package
        if { apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
            missing=""
        else
            say "Det lykkedes ikke. Det sidste, apt-get sagde:" "That did not work. The last that apt-get said:"
            tail -n 3 "$log"
            missing=$(missing_packages)
        fi
        rm -f "$log"
    fi
    [ -z "$missing" ] || say_missing "${missing% }"
fi

# --- Python ----------------------------------------------------------------------------------------------------------
python=""
for candidate in python3.11 python3 python3.12 python3.13; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    say "FEJL Python 3.11 eller nyere mangler. Gør sådan: sudo apt-get install -y python3 python3-venv" \
        "ERROR Python 3.11 or newer is missing. Do this: sudo apt-get install -y python3 python3-venv" >&2
    exit 2
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    say "FEJL Python kan ikke lave et virtuelt miljø. Gør sådan: sudo apt-get install -y python3-venv" \
        "ERROR Python cannot make a virtual environment. Do this: sudo apt-get install -y python3-venv" >&2
    exit 2
fi
rm -f .venv/undring.stamp
if [ "$(cat .venv/undring.made-in 2>/dev/null)" != "$PWD" ] || ! .venv/bin/python -c '' 2>/dev/null; then
    say "Laver et virtuelt miljø i .venv med $("$python" --version)" \
        "Making a virtual environment in .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
    printf '%s' "$PWD" > .venv/undring.made-in
fi

# --- Python packages -------------------------------------------------------------------------------------------------
quiet=(--disable-pip-version-check --quiet --no-input)
say "Henter $(grep -c '^[A-Za-z0-9].*==' requirements.lock) Python-pakker efter requirements.lock, hver kontrolleret med sin hash (et par minutter)" \
    "Fetching $(grep -c '^[A-Za-z0-9].*==' requirements.lock) Python packages by requirements.lock, each checked by its hash (some minutes)"

with_uv() {
    # uv is ten times as quick as pip. It comes from its own lines of the lock file, and it does not read pip's
    # settings, so that a house's own mirror, set for pip, is handed over here.
    local lines setting
    lines=$(mktemp)
    awk '/^[A-Za-z0-9]/ {mine = /^uv==/} mine' requirements.lock > "$lines"
    .venv/bin/python -m pip install "${quiet[@]}" --require-hashes -r "$lines" || { rm -f "$lines"; return 1; }
    rm -f "$lines"
    from_pip() { .venv/bin/python -m pip config get "$1" 2>/dev/null | tr '\n' ' ' || true; }
    setting=${PIP_INDEX_URL:-$(from_pip global.index-url)}
    [ -z "${setting// /}" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-${setting% }}"
    setting=${PIP_EXTRA_INDEX_URL:-$(from_pip global.extra-index-url)}
    [ -z "${setting// /}" ] || export UV_INDEX="${UV_INDEX:-${setting% }}"
    setting=${PIP_FIND_LINKS:-$(from_pip global.find-links)}
    [ -z "${setting// /}" ] || export UV_FIND_LINKS="${UV_FIND_LINKS:-${setting% }}"
    setting=${PIP_CERT:-$(from_pip global.cert)}
    [ -z "${setting// /}" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-${setting% }}"
    # Compiled once here, not by every process that starts: importing Great Expectations takes half as long.
    .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes --compile-bytecode \
        --index-strategy unsafe-best-match -r requirements.lock
}

if ! with_uv; then
    say "uv kunne ikke; pip tager over (3-5 minutter)" "uv could not; pip takes over (3-5 minutes)"
    .venv/bin/python -m pip install "${quiet[@]}" --require-hashes -r requirements.lock
fi
# The project itself, in place and without a download. A plain path file keeps `undring --help` quick.
.venv/bin/python -m pip install "${quiet[@]}" --no-deps --no-build-isolation --no-index \
    --config-settings editable_mode=compat -e .
say "Oversætter de inderste løkker til denne maskine (et halvt minut), så ingen venter på det senere" \
    "Compiling the inner loops for this machine (half a minute), so that nobody waits for it later"
.venv/bin/python -m analysis.compiled
.venv/bin/python -m pipelines.compiled
printf '%s' "$stamp" > .venv/undring.stamp
say "Klar efter $((SECONDS - start)) s. Næste skridt: make demo" "Ready after $((SECONDS - start)) s. Next: make demo"

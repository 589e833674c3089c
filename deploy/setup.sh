# shellcheck shell=bash
# What deploy/run and deploy/test share: the tools, the Debian packages. Sourced, with the project's folder as the working directory.

readonly minimum_swift=6.2

# What is run (no system-wide server is started), what is linked against, and what SwiftPM needs to fetch, compile and link.
packages=(
    rabbitmq-server redis-server postgresql
    librabbitmq-dev libhiredis-dev libpq-dev libsystemd-dev libsodium-dev libcurl4-openssl-dev libbrotli-dev libssl-dev
    curl jq pkg-config git ca-certificates binutils g++ libc6-dev libncurses6 libsqlite3-0 libxml2 zlib1g-dev tzdata
)

say() { if [[ -t 1 ]]; then printf '\033[1m==>\033[0m %s\n' "$*"; else printf '==> %s\n' "$*"; fi; }

fail() {
    printf 'error: %s\n' "$1" >&2
    shift
    if (($#)); then printf '       %s\n' "$@" >&2; fi
    exit 1
}

install_missing_packages() {
    command -v dpkg-query >/dev/null ||
        fail "this is not Debian or one of its kin: there is no dpkg-query." \
            "Install RabbitMQ, Redis, PostgreSQL and the libraries named in deploy/setup.sh by hand, then: swift build && .build/debug/signalbox up"
    local installed missing=() package
    installed=$(dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' 2>/dev/null | awk '$1 == "ii" { print $2 }')
    for package in "${packages[@]}"; do
        grep --quiet --line-regexp --fixed-strings -- "$package" <<<"$installed" || missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then return; fi

    say "Installing Debian packages: ${missing[*]}"
    if ((EUID == 0)); then
        deploy/install-packages "${missing[@]}"
    elif command -v sudo >/dev/null; then
        sudo deploy/install-packages "${missing[@]}"
    else
        fail "these Debian packages are missing, and without sudo only root can install them: ${missing[*]}" \
            "As root, in $PWD: deploy/install-packages ${missing[*]}"
    fi
}

check_swift() {
    local advice="https://www.swift.org/install/linux has it; with swiftly it is: swiftly install latest"
    command -v swift >/dev/null || fail "Swift $minimum_swift or later is needed, and there is no swift in PATH." "$advice"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    if [[ -z $version ]]; then fail "'swift --version' does not work:" "$(swift --version 2>&1 | tail -n 1)"; fi
    if [[ $(printf '%s\n' "$minimum_swift" "$version" | sort --version-sort | head -n 1) != "$minimum_swift" ]]; then
        fail "Swift $minimum_swift or later is needed; $(command -v swift) is $version." "$advice"
    fi
}

# Runs a command, and says how long it took.
timed() {
    local title=$1 begin=$SECONDS
    shift
    say "$title"
    "$@"
    say "done after $((SECONDS - begin)) s"
}

set_up() {
    # First, because the compiler itself needs some of them.
    install_missing_packages
    check_swift
}

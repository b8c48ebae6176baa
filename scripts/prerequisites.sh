# SPDX-License-Identifier: Apache-2.0
# Sourced by ./demo, ./verify and ./bench: installs what is missing, or says how to.

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

java_major() {
    "$1" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p'
}

# 17, or the distribution's own where that is newer: some have no 17, and some have 11 for their own.
jdk_package() {
    apt-cache show openjdk-17-jdk-headless >/dev/null 2>&1 && echo openjdk-17-jdk-headless || echo default-jdk-headless
}

# require_tools PACKAGE...: beside those, a JDK 17 or newer, Maven, a C compiler and make.
require_tools() {
    local missing=() package needs_jdk=false
    [ "$(java_major java 2>/dev/null || echo 0)" -ge 17 ] 2>/dev/null && command -v javac >/dev/null ||
        needs_jdk=true
    command -v mvn >/dev/null || missing+=(maven)
    command -v gcc >/dev/null || missing+=(gcc)
    command -v make >/dev/null || missing+=(make)
    command -v readelf >/dev/null || missing+=(binutils)
    # of AddressSanitizer and UBSan; gcc recommends them, and prints a bare name for what it does not find
    [[ "$(gcc -print-file-name=libasan.so 2>/dev/null)$(gcc -print-file-name=libubsan.a 2>/dev/null)" == /*/* ]] ||
        missing+=("libgcc-$(gcc -dumpversion 2>/dev/null || echo 12)-dev")
    echo '#include <stdio.h>' | gcc -E - >/dev/null 2>&1 || missing+=(libc6-dev)
    for package in "$@"; do
        command -v "${package##*:}" >/dev/null || missing+=("${package%%:*}")
    done
    [ ${#missing[@]} -gt 0 ] || $needs_jdk || return 0
    local update=(apt-get update -qq) install=(apt-get install -y -qq --no-install-recommends) installs=false
    [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null || installs=true
    ! $installs || "${update[@]}" </dev/null >/dev/null
    ! $needs_jdk || missing+=("$(jdk_package)")
    install+=("${missing[@]}")
    $installs || fail "these packages are missing; install them with: sudo ${update[*]} && sudo ${install[*]}"
    echo "Installing ${missing[*]}"
    DEBIAN_FRONTEND=noninteractive "${install[@]}" </dev/null >/dev/null
}

# The servers that drivers are tested with; the tests start their own. Debian keeps PostgreSQL's programs out of the path.
require_services() {
    local PATH=$PATH directory
    for directory in /usr/lib/postgresql/*/bin; do
        PATH+=:$directory
    done
    require_tools redis-server postgresql:initdb util-linux:setpriv
}

require_io_uring() {
    local release major minor disabled=/proc/sys/kernel/io_uring_disabled
    release=$(uname -r)
    IFS=.- read -r major minor _ <<<"$release"
    if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 1 ]; }; then
        fail "this kernel is $release, and 6.1 or newer is needed"
    fi
    if [ -r $disabled ] && [ "$(cat $disabled)" -ne 0 ] && { [ "$(cat $disabled)" -eq 2 ] || [ "$(id -u)" -ne 0 ]; }; then
        fail "io_uring is switched off; switch it on with: sudo sysctl kernel.io_uring_disabled=0"
    fi
}

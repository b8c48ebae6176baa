#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check-library.sh READELF LIBRARY ARCH: fails if the library exports more than JNI_OnLoad, or, on x86-64, needs
# a symbol that glibc 2.31 (Debian 11, Ubuntu 20.04) does not have.
set -eu
readelf=$1 library=$2 arch=$3

extra=$("$readelf" --dyn-syms --wide "$library" |
    awk '$5 == "GLOBAL" && $7 != "UND" && $7 != "ABS" && $8 != "JNI_OnLoad" { print $8 }')
if [ -n "$extra" ]; then
    echo "$library exports more than JNI_OnLoad: $extra" >&2
    exit 1
fi

[ "$arch" = x86_64 ] || exit 0
newer=$("$readelf" --dyn-syms --wide "$library" |
    sed -n 's/.* \([^ ]*\)@GLIBC_2\.\([0-9]*\).*/\2 \1/p' | awk '$1 > 31 { print $2 " (glibc 2." $1 ")" }')
if [ -n "$newer" ]; then
    echo "$library needs symbols newer than glibc 2.31: $newer" >&2
    exit 1
fi

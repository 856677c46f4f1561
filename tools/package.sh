#!/usr/bin/env bash
# Sets up, builds the release and packs it as a Debian package in build/package/. usage: package.sh
# BUILD: a folder where a release is built already, instead of build/release.
# DEBFULLNAME, DEBEMAIL: the package's maintainer, as for Debian's own tools.
set -euo pipefail
source "$(dirname "$0")/steps.sh"
dir=${BUILD:-$root/build/release}
out=$root/build/package

if [ -z "${BUILD:-}" ]; then
  "$root/tools/setup.sh" build package models
  EXTRA=-DCURLEW_TESTS=OFF "$root/tools/build.sh" release curlew
fi
command -v dpkg-shlibdeps >/dev/null || fail "dpkg-shlibdeps is needed (Debian: dpkg-dev)."
start=$(now_ms)
rm -rf "$out"
logged "package files" "The program could not tell its completions or config: does it start?" \
  ninja -C "$dir" curlew_package_files
# Files of the package have the modes that Debian wants, whatever the umask here.
umask 022
maintainer=()
[ -z "${DEBEMAIL:-}" ] || maintainer=(-D "CPACK_PACKAGE_CONTACT=${DEBFULLNAME:-The Curlew authors} <$DEBEMAIL>")
logged "cpack" "The lines above tell what is missing; \`make setup\` prepares models and libraries." \
  cpack --config "$dir/CPackConfig.cmake" -B "$out" "${maintainer[@]}"
rm -rf "$out/_CPack_Packages"
package=$(basename "$out"/*.deb)
told "package" "build/package/$package, $(du -h --apparent-size "$out/$package" | cut -f1)B" "$(seconds_since "$start")"

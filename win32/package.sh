#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# win32/package.sh BUILD: builds the libraries (once), the programs and the installer for
# Windows. In BUILD then:
#
#   stage/                         what is installed: bin/, share/
#   knothole-VERSION-setup.exe     the installer
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(dirname "$here")
build=${1:?"usage: win32/package.sh BUILD"}
mkdir -p "$build"
build=$(cd "$build" && pwd)

# Debian's packages of the libraries and data in the installer: their licences go with them.
LICENCES='adwaita-icon-theme gettext-base libadwaita-1-0 libcairo2 libepoxy0 libffi8 libfribidi0
  libgdk-pixbuf-2.0-0 libglib2.0-0 libgraphene-1.0-0 libgtk-4-1 libharfbuzz0b libjpeg62-turbo
  libjson-glib-1.0-0 libminiupnpc17 libnatpmp1 libpango-1.0-0 libpcre2-8-0 libpixman-1-0
  libpng16-16 libsodium23 libsqlite3-0 libtiff6 libuv1 zlib1g mingw-w64-common'
# Icons are drawn at 16 pixels, at twice that on dense screens, and large in empty pages.
UNUSED_ICON_SIZES='24x24 48x48'

eval "$("$here/cross.sh" paths)"
"$here/cross.sh" all

# --- Programs ----------------------------------------------------------------------
[ -e "$build/build.ninja" ] || env -u PKG_CONFIG_PATH PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  meson setup "$build" "$source" --cross-file "$CROSS_FILE" --prefix / --libdir lib \
  --buildtype debugoptimized
ninja -C "$build" --quiet
stage=$build/stage
installed=$build/installed
rm -rf "$stage" "$installed"
DESTDIR=$installed meson install -C "$build" --no-rebuild --quiet >/dev/null

# --- What is installed -------------------------------------------------------------
languages=$(grep -v '^#' "$source/po/LINGUAS")
LINGUAS=$languages "$here/cross.sh" bundle "$stage" "$installed"/bin/*.exe
cp -r "$installed/share/." "$stage/share/"
for size in $UNUSED_ICON_SIZES; do
  rm -rf "$stage/share/icons/Adwaita/$size"
done
rm -f "$stage/share/icons/Adwaita/icon-theme.cache"
gtk4-update-icon-cache -qtf "$stage/share/icons/Adwaita"
# What only other desktops read.
rm -rf "$stage"/share/{applications,metainfo,dbus-1,man,bash-completion,zsh,fish}
for package in $LICENCES; do
  install -Dm644 "/usr/share/doc/$package/copyright" \
    "$stage/share/licenses/$package/copyright"
done
install -Dm644 "$source/COPYING" "$stage/share/licenses/knothole/COPYING"

# --- The installer -----------------------------------------------------------------
version=$(meson introspect "$build" --projectinfo | python3 -c \
  'import json, sys; print(json.load(sys.stdin)["version"])')
(
  cd "$stage"
  find . -type f -printf 'Delete "$INSTDIR\\%P"\n' | sort
  find . -mindepth 1 -depth -type d -printf 'RMDir "$INSTDIR\\%P"\n'
) | tr / '\\' >"$build/delete-files.nsh"
installer=$build/knothole-$version-setup.exe
makensis -V2 -WX -DVERSION="$version" -DSTAGE="$stage" -DFILES="$build/delete-files.nsh" \
  -DICON="$build/win32/knothole.ico" -DOUT="$installer" "$here/knothole.nsi"
ls -l "$installer"

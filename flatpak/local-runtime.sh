#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A stand-in for org.gnome.Platform and org.gnome.Sdk, made of Debian's packages, for a
# machine that can't reach Flathub: same names, same branch, other contents. What is built
# with it is for tests, and never for people.
#
# Usage: local-runtime.sh FOLDER BRANCH, as root. Makes FOLDER/repo, where it is not there
# already, and installs both from it for the user that FLATPAK_USER_DIR belongs to.
#
# Only what the real runtime has may be in these lists, or a module that the manifest lacks
# goes unnoticed: never libsodium, libuv, miniupnpc or libnatpmp.
set -euo pipefail
folder=$1 branch=$2
suite=trixie
arch=$(flatpak --default-arch)
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' |
  head -1)

platform=libgtk-4-1,libgtk-4-bin,libgtk-4-common,libadwaita-1-0,libjson-glib-1.0-0
platform+=,libsqlite3-0,adwaita-icon-theme,librsvg2-common,gsettings-desktop-schemas
platform+=,dconf-gsettings-backend,shared-mime-info,fonts-cantarell,fonts-dejavu-core
platform+=,fontconfig-config,xkb-data,ca-certificates,libgl1-mesa-dri,libegl-mesa0
platform+=,libglx-mesa0,dbus-bin,at-spi2-core,locales
sdk=$platform,build-essential,meson,ninja-build,cmake,pkgconf,autoconf,automake,libtool
sdk+=,libgtk-4-dev,libadwaita-1-dev,libjson-glib-dev,libsqlite3-dev,libglib2.0-dev-bin
sdk+=,gettext,appstream,appstream-util,appstream-compose,desktop-file-utils,git,ccache
sdk+=,debugedit,elfutils

# make_root NAME PACKAGES: made anew where the list or the suite is another one.
make_root () {
  [ "$(cat "$folder/$1.made" 2>/dev/null)" != "$suite $2" ] || return 0
  rm -rf --one-file-system "${folder:?}/$1" "$folder/$1.made"
  ostree --repo="$folder/repo" refs --delete "runtime/$3/$arch/$branch" 2>/dev/null || true
  mmdebstrap --quiet --mode=root --variant=apt --include="$2" \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    "$suite" "$folder/$1" "$mirror"
  echo "$suite $2" >"$folder/$1.made"
}

# export_root NAME ID: as flatpak wants a runtime: /usr alone, with /etc in it.
export_root () {
  local tree=$folder/tree
  ! ostree --repo="$folder/repo" rev-parse "runtime/$2/$arch/$branch" >/dev/null 2>&1 ||
    return 0
  rm -rf "$tree"
  mkdir -p "$tree"
  cp -al "$folder/$1/usr" "$tree/usr" # hard links: no second copy
  rm -rf "$tree/usr/etc"
  cp -a "$folder/$1/etc" "$tree/usr/etc"
  rm -f "$tree"/usr/etc/{resolv.conf,hostname,mtab,localtime}
  # As GNOME's has it: libraries of programs are found, and come first.
  sed -i '1i include /run/flatpak/ld.so.conf.d/app-*.conf\ninclude /app/etc/ld.so.conf\n/app/lib' \
    "$tree/usr/etc/ld.so.conf"
  ln -sf ../sbin/ldconfig "$tree/usr/bin/ldconfig" # flatpak looks for it in PATH
  mkdir -p "$tree"/usr/{share/runtime,lib/extensions} "$tree/files" "$tree/var"
  find "$tree/usr" \( -type b -o -type c -o -type s -o -type p \) -delete
  # ostree refuses these in a user's repository.
  find "$tree/usr" -perm /6000 -exec chmod ug-s {} +
  cat >"$tree/metadata" <<EOF
[Runtime]
name=$2
runtime=org.gnome.Platform/$arch/$branch
sdk=org.gnome.Sdk/$arch/$branch

[Environment]
XDG_DATA_DIRS=/app/share:/usr/share:/usr/share/runtime/share:/run/host/user-share:/run/host/share
XDG_CONFIG_DIRS=/app/etc/xdg:/etc/xdg
EOF
  flatpak build-export --runtime --no-update-summary --arch="$arch" "$folder/repo" "$tree" \
    "$branch"
  rm -rf "$tree"
}

mkdir -p "$folder"
[ -d "$folder/repo/objects" ] || ostree --repo="$folder/repo" init --mode=bare-user-only
make_root platform "$platform" org.gnome.Platform
make_root sdk "$sdk" org.gnome.Sdk
export_root platform org.gnome.Platform
export_root sdk org.gnome.Sdk
if [ "$(cat "$folder/installed" 2>/dev/null)" = "$(cat "$folder"/*.made)" ]; then
  exit
fi
flatpak build-update-repo "$folder/repo"
flatpak --user remote-add --if-not-exists --no-gpg-verify local-runtime "file://$folder/repo"
flatpak --user install -y --noninteractive --or-update local-runtime \
  "org.gnome.Platform/$arch/$branch" "org.gnome.Sdk/$arch/$branch"
cat "$folder"/*.made >"$folder/installed"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Cross-builds the libraries that Knothole needs on Windows (x86_64, mingw-w64) from
# Debian's source packages, on Debian 12.
#
#   win32/cross.sh all               everything (the default)
#   win32/cross.sh core              what the server and the command-line client need
#   win32/cross.sh gtk               what the window needs besides
#   win32/cross.sh LIBRARY …         just those, in that order
#   win32/cross.sh bundle DIR EXE …  a folder that works anywhere: programs, DLLs, share/
#   win32/cross.sh list              what is built, and how many seconds each took
#   win32/cross.sh paths             shell variables: where the results are
#
# A library that was built is built again when its recipe below changes, or with FORCE=1.
# The Debian packages needed for it stand in `dev`; nothing here needs root. From
# the environment:
#   CACHE    sources, builds, logs       (default /var/tmp/knothole-win32)
#   PREFIX   where the libraries go      (default $CACHE/sysroot)
#   JOBS     parallel jobs               (default nproc)
#   OPT      -O level of what meson builds (default 2; 0 for a quick trial)
#   KEEP     not empty: sources stay after a build, to look into
set -euo pipefail

CACHE=${CACHE:-/var/tmp/knothole-win32}
PREFIX=${PREFIX:-$CACHE/sysroot}
JOBS=${JOBS:-$(nproc)}
OPT=${OPT:-2}
SUITE=bookworm
H=x86_64-w64-mingw32
STAMPS=$PREFIX/.stamps

CORE="zlib libffi pcre2 gettext glib libsodium sqlite3 libuv json-glib miniupnpc libnatpmp"
GTK="libpng libjpeg tiff pixman fribidi harfbuzz cairo pango gdkpixbuf graphene epoxy gtk4 adwaita icons runtime"

# A clean tool environment: no pyenv shims, no LIBRARY_PATH/CPATH leaking host
# directories into the cross compiler.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
unset LIBRARY_PATH CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH LD_LIBRARY_PATH PKG_CONFIG_PATH
export LC_ALL=C.UTF-8
export PKG_CONFIG_LIBDIR=$PREFIX/lib/pkgconfig:$PREFIX/share/pkgconfig

say() { printf '%s\n' "$*" >&2; }
die() { say "win32/cross.sh: $*"; exit 1; }

# Source packages, with lists of our own for each suite: the system's configuration stays
# what it is.
debian() { # SUITE, and arguments of apt-get
  local apt=$CACHE/apt/$1
  shift
  apt-get -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- \
    -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" "$@"
}
fetch_lists() { # SUITE
  local mirror apt=$CACHE/apt/$1
  [ ! -e "$apt/fetched" ] || return 0
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  # The mirror that apt already uses.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -1)
  [ -n "$mirror" ] || die "apt knows no Debian mirror"
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" \
    >"$apt/sources.list"
  debian "$1" update -qq
  touch "$apt/fetched"
}

# --- tool files ---------------------------------------------------------------
tool_files() {
  mkdir -p "$PREFIX/lib/pkgconfig" "$STAMPS" "$CACHE"/{dl,src,build,log}
  # One for the libraries, whose warnings are not ours to mend, and one for the programs.
  cross_file ", '-w'" >"$CACHE/cross-libraries.txt"
  cross_file '' >"$CACHE/cross.txt"
  toolchain_file >"$CACHE/toolchain.cmake"
}
cross_file() { # MORE FLAGS
  local more=$1
  cat <<E
[binaries]
c = '$H-gcc-posix'
cpp = '$H-g++-posix'
ar = '$H-gcc-ar-posix'
strip = '$H-strip'
windres = '$H-windres'
dlltool = '$H-dlltool'
objcopy = '$H-objcopy'
pkgconfig = 'pkg-config'

[properties]
needs_exe_wrapper = true
pkg_config_libdir = ['$PREFIX/lib/pkgconfig', '$PREFIX/share/pkgconfig']

[built-in options]
c_args = ['-O$OPT', '-I$PREFIX/include'$more]
cpp_args = ['-O$OPT', '-I$PREFIX/include'$more, '-Wa,-mbig-obj']
c_link_args = ['-L$PREFIX/lib', '-static-libgcc']
cpp_link_args = ['-L$PREFIX/lib', '-static-libgcc', '-static-libstdc++']

[host_machine]
system = 'windows'
cpu_family = 'x86_64'
cpu = 'x86_64'
endian = 'little'
E
}
toolchain_file() {
  cat <<E
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER $H-gcc-posix)
set(CMAKE_CXX_COMPILER $H-g++-posix)
set(CMAKE_RC_COMPILER $H-windres)
set(CMAKE_FIND_ROOT_PATH $PREFIX)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-static-libgcc")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static-libgcc")
E
}

# --- sources ------------------------------------------------------------------
# src PKG [SUITE …]: downloads the Debian source package once, from the first suite whose
# upstream tarball can be had (mirrors lack some), unpacks it to $CACHE/build/PKG (with
# Debian's patches when the whole package can be had, else the bare tarball), and goes there.
src() {
  local pkg=$1 d dsc t suite
  shift
  [ $# -gt 0 ] || set -- "$SUITE"
  for suite in "$@"; do
    d=$CACHE/dl/$pkg-$suite
    [ ! -e "$d/.done" ] || break
    mkdir -p "$d"
    fetch_lists "$suite"
    ( cd "$d" && debian "$suite" source --download-only --only-source "$pkg" ) >/dev/null 2>"$d/err" || true
    ls "$d"/*.orig.tar.* >/dev/null 2>&1 && touch "$d/.done" && break
  done
  [ -e "$d/.done" ] || { cat "$d/err" >&2; die "no source for $pkg"; }
  S=$CACHE/build/$pkg
  rm -rf "$S"
  dsc=$(ls "$d"/*.dsc 2>/dev/null | head -1 || true)
  if [ -n "$dsc" ] && [ -z "${ORIG_ONLY:-}" ] && dpkg-source --no-check --no-copy -x "$dsc" "$S" >"$d/unpack" 2>&1; then
    SRCKIND=debian
  else
    rm -rf "$S"; mkdir -p "$S"
    t=$(ls "$d"/*.orig.tar.* | grep -v '\.asc$' | head -1)
    tar -xf "$t" -C "$S" --strip-components=1
    SRCKIND=orig
  fi
  SRCVER=$(basename "${dsc:-$(ls "$d"/*.orig.tar.* | head -1)}" .dsc); SRCVER=${SRCVER#*_}
  cd "$S"
}

mset() { # meson: configure
  rm -rf _w32
  meson setup _w32 --cross-file "$CACHE/cross-libraries.txt" --prefix "$PREFIX" --libdir lib \
    --buildtype plain --default-library shared --wrap-mode nodownload --strip \
    -Db_lto=false "$@"
}
mbuild() { # meson: build, install
  ninja -C _w32 -j "$JOBS"
  meson install -C _w32 --no-rebuild --quiet
}
m() { mset "$@"; mbuild; }
# pch SOURCE,HEADER...: speed a meson build up (CPU time of one GDK file: 0.79 to 0.45 s) with GCC's
# precompiled headers.  GCC takes _w32/config.h.gch/* in place of config.h where the
# flags match; each SOURCE names a file whose target's flags one is made for, and the
# HEADERs go into it.  Where it does not match GCC reads config.h as usual.
pch() {
  python3 - "$@" <<'PY'
import json, os, subprocess, sys, shlex
os.chdir('_w32')
cc = json.load(open('compile_commands.json'))
base = ['string.h', 'stdlib.h', 'math.h', 'glib.h', 'glib-object.h', 'gio/gio.h', 'cairo.h', 'cairo-gobject.h',
        'pango/pangocairo.h', 'gdk-pixbuf/gdk-pixbuf.h', 'graphene-gobject.h']
os.makedirs('w32pch', exist_ok=True)
os.makedirs('config.h.gch.new', exist_ok=True)
for src in sys.argv[1:]:
    src, *extra = src.split(',')
    c = [x for x in cc if x['file'].endswith('/' + src)][0]
    h = 'w32pch/%s.h' % src.replace('/', '_')
    with open(h, 'w') as f:
        f.write('#include "config.h"\n' + ''.join('#include <%s>\n' % n for n in base + extra))
    args = shlex.split(c['command'].split(' -MD ')[0])
    r = subprocess.run(args + ['-x', 'c-header', h, '-o', 'config.h.gch.new/%s.gch' % os.path.basename(h)],
                       capture_output=True, text=True)
    print('pch', src, r.returncode, r.stderr[-500:])
os.rename('config.h.gch.new', 'config.h.gch')
PY
}
c() { # cmake
  rm -rf _w32
  cmake -G Ninja -S . -B _w32 -DCMAKE_TOOLCHAIN_FILE="$CACHE/toolchain.cmake" \
    -DCMAKE_INSTALL_PREFIX="$PREFIX" -DCMAKE_PREFIX_PATH="$PREFIX" -DCMAKE_INSTALL_LIBDIR:STRING=lib \
    -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON "$@"
  ninja -C _w32 -j "$JOBS"
  ninja -C _w32 install/strip
}
conf() { # autotools configure
  [ -x configure ] || autoreconf -fi
  CC=$H-gcc-posix CXX=$H-g++-posix CFLAGS="-O2" CPPFLAGS="-I$PREFIX/include" \
  LDFLAGS="-L$PREFIX/lib -static-libgcc -s" RC=$H-windres WINDRES=$H-windres \
  ./configure --build=x86_64-linux-gnu --host=$H --prefix="$PREFIX" --libdir="$PREFIX/lib" \
    --enable-shared --disable-static "$@"
}
mk() { make -j "$JOBS" "$@"; }

# --- recipes --------------------------------------------------------------------
b_zlib() { src zlib            # the dfsg tarball has no win32/ folder: compile by hand
  $H-gcc-posix -O2 -shared -s -static-libgcc -DZLIB_DLL -DZLIB_INTERNAL -DNO_FSEEKO -o zlib1.dll *.c \
    -Wl,--out-implib,libz.dll.a
  mkdir -p "$PREFIX"/{bin,include,lib/pkgconfig}
  install -m755 zlib1.dll "$PREFIX/bin/"; install -m644 zlib.h zconf.h "$PREFIX/include/"
  install -m644 libz.dll.a "$PREFIX/lib/"
  sed -e "s|@prefix@|$PREFIX|;s|@exec_prefix@|\${prefix}|;s|@libdir@|\${prefix}/lib|;s|@sharedlibdir@|\${prefix}/lib|;s|@includedir@|\${prefix}/include|;s|@VERSION@|$(sed -n 's/.*ZLIB_VERSION "\(.*\)".*/\1/p' zlib.h)|" zlib.pc.in > "$PREFIX/lib/pkgconfig/zlib.pc"
}
b_libffi() { src libffi; conf --disable-docs --disable-multi-os-directory; mk; mk install; }
b_pcre2() { src pcre2
  c -DPCRE2_BUILD_PCRE2GREP=OFF -DPCRE2_BUILD_TESTS=OFF -DPCRE2_SUPPORT_JIT=ON
}
b_gettext() { src gettext      # libintl only (LGPL); no iconv: messages stay UTF-8
  cd gettext-runtime
  conf --disable-java --disable-csharp --disable-libasprintf --disable-openmp \
       --enable-threads=windows --without-libiconv-prefix --disable-rpath --disable-curses \
       am_cv_func_iconv=no
  mk -C intl; mk -C intl install
}
b_glib() { src glib2.0
  sed -i "/subdir('fuzzing')/d" meson.build
  m -Dtests=false -Dinstalled_tests=false -Dman=false -Dgtk_doc=false -Dnls=enabled \
    -Dlibelf=disabled -Dselinux=disabled -Dlibmount=disabled -Dglib_debug=disabled
}
b_libsodium() { src libsodium; conf; mk; mk install; }
b_sqlite3() { src sqlite3
  ./configure --disable-tcl --disable-readline >/dev/null   # native configure: only to make sqlite3.c (needs tclsh)
  make sqlite3.c sqlite3.h >/dev/null
  $H-gcc-posix -O2 -shared -s -static-libgcc -o libsqlite3-0.dll sqlite3.c \
    -DSQLITE_THREADSAFE=1 -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_DQS=0 \
    "-DSQLITE_API=__declspec(dllexport)" -Wl,--out-implib,libsqlite3.dll.a
  install -m755 libsqlite3-0.dll "$PREFIX/bin/"; install -m644 libsqlite3.dll.a "$PREFIX/lib/"
  install -m644 sqlite3.h src/sqlite3ext.h "$PREFIX/include/"
  cat > "$PREFIX/lib/pkgconfig/sqlite3.pc" <<E
prefix=$PREFIX
Name: SQLite
Description: SQL database engine
Version: $(cat VERSION)
Libs: -L\${prefix}/lib -lsqlite3
Cflags: -I\${prefix}/include
E
}
b_libuv() { src libuv1
  c -DLIBUV_BUILD_TESTS=OFF -DLIBUV_BUILD_BENCH=OFF
}
b_json-glib() { src json-glib bookworm trixie sid
  sed -i "s/meson_version: '>= 1.2.0'/meson_version: '>= 1.0.0'/" meson.build
  [ ! -e meson.options ] || mv meson.options meson_options.txt
  m -Dintrospection=disabled -Dgtk_doc=disabled -Dman=false -Dtests=false \
    $(grep -q conformance meson_options.txt && echo -Dconformance=false -Dinstalled_tests=false -Dnls=disabled)
}
b_miniupnpc() { src miniupnpc
  c -DUPNPC_BUILD_STATIC=ON -DUPNPC_BUILD_SHARED=OFF -DUPNPC_BUILD_TESTS=OFF -DUPNPC_BUILD_SAMPLE=OFF
}
b_libnatpmp() { src libnatpmp bookworm trixie sid   # its makefile only knows the static library: compile by hand
  $H-gcc-posix -O2 -shared -s -static-libgcc -DNATPMP_EXPORTS -o libnatpmp.dll \
    natpmp.c getgateway.c wingettimeofday.c -lws2_32 -liphlpapi -Wl,--out-implib,libnatpmp.dll.a
  install -m755 libnatpmp.dll "$PREFIX/bin/"; install -m644 libnatpmp.dll.a "$PREFIX/lib/"
  install -m644 natpmp.h natpmp_declspec.h "$PREFIX/include/"
}
b_libpng() { src libpng1.6
  c -DPNG_TESTS=OFF -DPNG_STATIC=OFF -DPNG_SHARED=ON -DPNG_EXECUTABLES=OFF
}
b_libjpeg() { src libjpeg-turbo
  c -DENABLE_STATIC=OFF -DENABLE_SHARED=ON -DWITH_TURBOJPEG=OFF
}
b_tiff() { src tiff
  c -Dtiff-tools=OFF -Dtiff-tests=OFF -Dtiff-contrib=OFF -Dtiff-docs=OFF -Dcxx=OFF \
    -Djbig=OFF -Dlzma=OFF -Dzstd=OFF -Dwebp=OFF -Dlerc=OFF -Dlibdeflate=OFF -Dzlib=ON -Djpeg=ON -Dold-jpeg=OFF
}
b_pixman() { src pixman; m -Dtests=disabled -Dgtk=disabled -Dlibpng=disabled -Dopenmp=disabled; }
b_fribidi() { src fribidi; m -Ddocs=false; }
b_harfbuzz() { src harfbuzz
  m -Dglib=enabled -Dgobject=disabled -Dcairo=disabled -Dchafa=disabled -Dicu=disabled \
    -Dfreetype=disabled -Dgdi=enabled -Ddirectwrite=disabled -Dtests=disabled \
    -Dintrospection=disabled -Ddocs=disabled -Dbenchmark=disabled
}
b_cairo() { src cairo trixie    # bookworm's 1.16.0 has no meson build
  sed -i "s/meson_version: '>= 1.3.0'/meson_version: '>= 1.0.0'/;s/gnu11,c11/gnu11/;s/gnu++11,c++11/gnu++11/" meson.build  # bookworm's meson is 1.0.1
  mv meson.options meson_options.txt              # it only reads the old name
  sed -i 's/-Wp,-D_FORTIFY_SOURCE=2/-Wp,-U_FORTIFY_SOURCE/' meson.build     # mingw: would need libssp
  m -Dtests=disabled -Ddwrite=disabled -Dfontconfig=disabled -Dfreetype=disabled -Dxlib=disabled \
    -Dxcb=disabled -Dglib=enabled -Dpng=enabled -Dzlib=enabled -Dspectre=disabled \
    -Dsymbol-lookup=disabled -Dgtk_doc=false
}
b_pango() { src pango1.0
  sed -i "/^subdir('\(utils\|examples\|tests\|tools\)')/d" meson.build
  m -Dgtk_doc=false -Dintrospection=disabled -Dinstall-tests=false -Dfontconfig=disabled \
    -Dfreetype=disabled -Dcairo=enabled -Dxft=disabled -Dlibthai=disabled -Dsysprof=disabled
}
b_gdkpixbuf() { src gdk-pixbuf
  m -Dpng=enabled -Djpeg=enabled -Dtiff=disabled -Dbuiltin_loaders=all -Dgtk_doc=false -Dman=false \
    -Dintrospection=disabled -Dtests=false -Dinstalled_tests=false -Drelocatable=true -Dnative_windows_loaders=false
}
b_graphene() { src graphene
  m -Dtests=false -Dinstalled_tests=false -Dintrospection=disabled -Dgtk_doc=false -Dgobject_types=true
}
b_epoxy() { src libepoxy; m -Ddocs=false -Dtests=false -Degl=no -Dglx=no -Dx11=false; }
b_gtk4() { src gtk4
  mset -Dwin32-backend=true -Dx11-backend=false -Dwayland-backend=false -Dbroadway-backend=false \
    -Dmedia-gstreamer=disabled -Dmedia-ffmpeg=disabled -Dprint-cups=disabled -Dvulkan=disabled \
    -Dcloudproviders=disabled -Dsysprof=disabled -Dtracker=disabled -Dcolord=disabled \
    -Dintrospection=disabled -Dgtk_doc=false -Dman-pages=false -Ddemos=false \
    -Dbuild-examples=false -Dbuild-tests=false -Dinstall-tests=false
  ninja -C _w32 gdk/gdkenumtypes.h gsk/gskenumtypes.h
  pch gdk/gdksurface.c,gdk/gdk.h gsk/gskrenderer.c,gdk/gdk.h,gsk/gsk.h gtk/gtkbutton.c,gdk/gdk.h,gsk/gsk.h
  mbuild
}
b_adwaita() { src libadwaita-1
  # There is no SVG loader in this stack (librsvg is Rust): turn libadwaita's own
  # symbolic SVGs into the .symbolic.png form GTK reads without one.
  local f g d
  for f in $(sed -n 's|.*>\(icons/scalable/.*-symbolic.svg\)</file>.*|\1|p' src/adwaita.gresources.xml); do
    d=$(basename "$(dirname "$f")"); g=
    for sz in 16 32 64; do
      mkdir -p "src/icons/${sz}x$sz/$d"
      gtk4-encode-symbolic-svg "src/$f" ${sz}x$sz -o "src/icons/${sz}x$sz/$d"
      g="$g<file>icons/${sz}x$sz/$d/$(basename "$f" .svg).symbolic.png</file>"
    done
    sed -i "s|<file[^>]*>$f</file>|$g|" src/adwaita.gresources.xml
  done
  m -Dintrospection=disabled -Dvapi=false -Dgtk_doc=false -Dtests=false -Dexamples=false
}
b_icons() { SRCVER=$(dpkg-query -W -f '${Version}' adwaita-icon-theme); SRCKIND=data
  # Adwaita's pre-rendered symbolic icons only (no SVG loader needed), and hicolor's index
  local i=$PREFIX/share/icons s
  rm -rf "$i/Adwaita" "$i/hicolor"; mkdir -p "$i/Adwaita" "$i/hicolor"
  cp /usr/share/icons/hicolor/index.theme "$i/hicolor/"
  cp /usr/share/icons/Adwaita/index.theme "$i/Adwaita/"
  for s in 16x16 24x24 32x32 48x48 64x64; do
    (cd /usr/share/icons/Adwaita && find $s -name '*.symbolic.png' -exec cp --parents -t "$i/Adwaita" {} +)
  done
  gtk4-update-icon-cache -qtf "$i/Adwaita"
}
b_runtime() { SRCVER=1; SRCKIND=data
  local d
  glib-compile-schemas "$PREFIX/share/glib-2.0/schemas" || true
  for d in libwinpthread-1.dll; do
    install -m755 "$(find /usr/$H /usr/lib/gcc/$H -name $d | head -1)" "$PREFIX/bin/"
  done
}

# --- driver ----------------------------------------------------------------------
build() {
  local lib=$1 key st=$STAMPS/$1 t0 t1
  declare -F "b_$lib" >/dev/null || die "unknown library $lib"
  key=$(declare -f "b_$lib" | sha256sum | cut -c1-16)
  exec 9>"$CACHE/lock.$lib"; flock 9          # one build of a library at a time
  if [ -z "${FORCE:-}" ] && [ -e "$st" ] && grep -q "key=$key" "$st"; then
    say "= $lib (cached)"; return 0
  fi
  say "+ $lib"
  t0=$(date +%s)
  ( set -euo pipefail; "b_$lib"; printf 'ver=%s kind=%s ' "$SRCVER" "$SRCKIND" > "$st.new"
    cd /; [ -n "${KEEP:-}" ] || rm -rf "${S:-/nonexistent}" ) > "$CACHE/log/$lib.log" 2>&1 &
  if ! wait $!; then
    tail -n 30 "$CACHE/log/$lib.log" >&2
    die "$lib failed; see $CACHE/log/$lib.log"
  fi
  t1=$(date +%s)
  printf 'key=%s secs=%s\n' "$key" "$((t1 - t0))" >> "$st.new"; mv "$st.new" "$st"
  rm -f "$PREFIX"/lib/*.la
  say "  $lib $(cat "$st")"
}
# bundle DIR EXE...: make DIR a relocatable folder: bin/ with the exes and the DLLs they need
# (transitively), and share/ with schemas, icons, translations. GLib's helpers for starting
# programs and for a session bus are not among them: nothing in Knothole uses those.
cmd_bundle() {
  local out=$1 todo f d; shift
  mkdir -p "$out/bin" "$out/share/glib-2.0/schemas" "$out/share/icons"
  todo=("$@")
  while [ ${#todo[@]} -gt 0 ]; do
    f=${todo[0]}; todo=("${todo[@]:1}")
    [ ! -e "$out/bin/$(basename "$f")" ] || continue
    install -m755 "$f" "$out/bin/"; $H-strip "$out/bin/$(basename "$f")" 2>/dev/null || true
    for d in $($H-objdump -p "$f" | sed -n 's/.*DLL Name: //p'); do
      if [ -e "$PREFIX/bin/$d" ]; then todo+=("$PREFIX/bin/$d")
      elif [ -e "/usr/$H/lib/$d" ]; then todo+=("/usr/$H/lib/$d")
      elif [ -e "/usr/lib/gcc/$H/12-posix/$d" ]; then todo+=("/usr/lib/gcc/$H/12-posix/$d")
      fi   # anything else belongs to Windows
    done
  done
  cp "$PREFIX"/share/glib-2.0/schemas/gschemas.compiled "$out/share/glib-2.0/schemas/" 2>/dev/null || true
  [ ! -d "$PREFIX/share/icons" ] || cp -r "$PREFIX/share/icons/." "$out/share/icons/"
  if [ -n "${LINGUAS:-}" ]; then
    for d in $LINGUAS; do for f in glib20 gtk40 libadwaita gdk-pixbuf; do
      [ ! -e "$PREFIX/share/locale/$d/LC_MESSAGES/$f.mo" ] || install -Dm644 "$PREFIX/share/locale/$d/LC_MESSAGES/$f.mo" "$out/share/locale/$d/LC_MESSAGES/$f.mo"
    done; done
  fi
  say "bundle: $(ls "$out"/bin/*.dll | wc -l) DLLs, $(du -sh "$out" | cut -f1)"
}
cmd_list() { local f; for f in "$STAMPS"/*; do printf '%-12s %s\n' "$(basename "$f")" "$(cat "$f")"; done; du -sh "$PREFIX"; }

main() {
  local what l
  [ $# -gt 0 ] || set -- all
  case $1 in
    list) cmd_list; exit;;
    paths) printf 'CACHE=%q PREFIX=%q CROSS_FILE=%q\n' "$CACHE" "$PREFIX" "$CACHE/cross.txt"; exit;;
    bundle) shift; [ $# -ge 2 ] || die "usage: bundle DIR EXE..."; cmd_bundle "$@"; exit;;
  esac
  tool_files
  for what in "$@"; do
    case $what in
      core) for l in $CORE; do build "$l"; done;;
      gtk) for l in $GTK; do build "$l"; done;;
      all) for l in $CORE $GTK; do build "$l"; done;;
      *) build "$what";;
    esac
  done
}
main "$@"; exit

#!/bin/sh
# mmdebstrap calls this with the root folder of a stand-in for Rocker's images. It writes the layer "tidyverse", too.
set -eu
root=$1
library=usr/lib/R/site-library
cran=usr/share/cowshed-stand-in/cran/src/contrib
mkdir -p "$root/$cran"

# RcppGSL comes as its source, as from CRAN: without the headers of GSL it cannot be compiled.
echo "deb-src http://deb.debian.org/debian bookworm main" >"$root/etc/apt/sources.list.d/source.list"
(
    cd "$root/tmp"
    chroot "$root" apt-get -q -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false update >/dev/null
    chroot "$root" sh -c 'cd /tmp && apt-get -q source --download-only --tar-only r-cran-rcppgsl' >/dev/null
    version=$(basename r-cran-rcppgsl_*.orig.tar.gz .orig.tar.gz)
    mkdir source
    tar -xzf r-cran-rcppgsl_*.orig.tar.gz -C source --strip-components=1
    mv source RcppGSL
    tar -czf "$root/$cran/RcppGSL_${version#*_}.tar.gz" RcppGSL
    rm -rf RcppGSL r-cran-rcppgsl*
)
rm "$root/etc/apt/sources.list.d/source.list"

# The other packages come ready to use, as from Posit's package manager, where Rocker's images get them.
for description in "$root/$library"/*/DESCRIPTION; do
    package=$(basename "$(dirname "$description")")
    case $package in littler | docopt) continue ;; esac
    version=$(sed -n 's/^Version: *//p' "$description")
    tar -czf "$root/$cran/${package}_$version.tar.gz" -C "$root/$library" "$package"
done
chroot "$root" R --quiet --vanilla -e "tools::write_PACKAGES('/$cran', type = 'source')" >/dev/null

# What Rocker's tidyverse has more than its r-ver.
stage=$root/tidyverse
mkdir -p "$stage/usr/local/lib/R/site-library"
for archive in "$root/$cran"/*.tar.gz; do
    case ${archive##*/} in RcppGSL_* | remotes_*) continue ;; esac
    tar -xzf "$archive" -C "$stage/usr/local/lib/R/site-library"
done
tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner -cf "$PRACTICE_LAYERS/tidyverse.tar" .
rm -rf "$stage"

# Out of the base again: an r-ver has no packages besides R's own.
owned=$(chroot "$root" sh -c "dpkg-query --search '/$library/*/DESCRIPTION'" | sed 's/:.*//' | sort -u | grep -v -e littler -e docopt)
chroot "$root" dpkg --purge --force-depends $owned >/dev/null
for program in install2.r installGithub.r; do
    ln -s "/usr/lib/R/site-library/littler/examples/$program" "$root/usr/local/bin/$program"
done
sed -i 's/^# *en_US.UTF-8/en_US.UTF-8/' "$root/etc/locale.gen"
chroot "$root" locale-gen >/dev/null
cat >>"$root/etc/R/Rprofile.site" <<'PROFILE'

# Cowshed's stand-in: CRAN is a folder in this image, whichever CRAN mirror is asked for.
local({
    cran <- "file:///usr/share/cowshed-stand-in/cran"
    options(repos = c(CRAN = cran), BioC_mirror = cran)
    real <- utils::contrib.url
    ours <- function(repos, type = getOption("pkgType")) {
        mirrors <- "^https?://(cran|cloud\\.r-project|packagemanager\\.(posit|rstudio)|p3m|[^/]*cran[^/]*|[^/]*/CRAN)"
        repos[grepl(mirrors, repos, ignore.case = TRUE) | repos == "@CRAN@"] <- cran
        real(repos, "source")
    }
    space <- asNamespace("utils")
    unlockBinding("contrib.url", space)
    assign("contrib.url", ours, envir = space)
    lockBinding("contrib.url", space)
    setHook(packageEvent("utils", "attach"), function(...) {
        attached <- as.environment("package:utils")
        unlockBinding("contrib.url", attached)
        assign("contrib.url", ours, envir = attached)
        lockBinding("contrib.url", attached)
    })
})
PROFILE
sh "$(dirname "$0")/finish-stand-in.sh" "$root"

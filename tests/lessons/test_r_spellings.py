"""Meaning, not text: R 4.3.2 with dplyr, ggplot2 and RcppGSL, by all the ways that people install R packages."""

from __future__ import annotations

import pytest

from lessons.spellings import cases, enough, is_told, passes

PLAIN = "Bootstrap: docker\nFrom: rocker/r-ver:4.3.2\n"
TIDY = "Bootstrap: docker\nFrom: rocker/tidyverse:4.3.2\n"
GSL = "    apt-get update && apt-get install -y --no-install-recommends libgsl-dev\n    rm -rf /var/lib/apt/lists/*\n"
RUN = '\n%runscript\n    R "$@"\n'
THREE = "c('dplyr', 'ggplot2', 'RcppGSL')"


def on(header: str, script: str, more: str = "") -> str:
    return f"{header}{more}\n%post\n{script}{RUN}"


def plain(script: str) -> str:
    return on(PLAIN, GSL + script)


def tidy(script: str) -> str:
    return on(TIDY, GSL + script)


RIGHT = {
    "r/recipe": {
        "plain": plain(f'    R -e "install.packages({THREE})"\n'),
        "Rscript": plain(f'    Rscript -e "install.packages({THREE})"\n'),
        "the other quotes": plain('    Rscript -e \'install.packages(c("dplyr", "ggplot2", "RcppGSL"))\'\n'),
        "options": plain(
            f"    R --no-save -q -e \"install.packages({THREE}, repos='https://cloud.r-project.org', Ncpus=4)\"\n"
        ),
        "named": plain(f'    Rscript -e "install.packages(pkgs = {THREE}, dependencies = TRUE)"\n'),
        "three lines": plain(
            "    R -e \"install.packages('dplyr')\"\n    R -e \"install.packages('ggplot2')\"\n"
            "    R -e \"install.packages('RcppGSL')\"\n"
        ),
        "several -e": plain(
            "    Rscript -e 'install.packages(\"dplyr\")' -e 'install.packages(\"ggplot2\")' "
            "-e 'install.packages(\"RcppGSL\")'\n"
        ),
        "loop": plain("    for p in dplyr ggplot2 RcppGSL; do Rscript -e \"install.packages('$p')\"; done\n"),
        "R's loop": plain('    Rscript -e \'for (p in c("dplyr", "ggplot2", "RcppGSL")) install.packages(p)\'\n'),
        "variable of R": plain('    Rscript -e \'p <- c("dplyr", "ggplot2", "RcppGSL"); install.packages(p)\'\n'),
        "heredoc": plain(
            "    R --no-save <<EOF\ninstall.packages(c('dplyr',\n    'ggplot2'))\ninstall.packages('RcppGSL')\nEOF\n"
        ),
        "script": plain(f'    echo "install.packages({THREE})" > /tmp/i.R\n    Rscript /tmp/i.R\n'),
        "script of mine": on(PLAIN, GSL + "    Rscript /opt/install.R\n", "%files\n    install.R /opt/install.R\n"),
        "install2.r": plain("    install2.r --error --skipinstalled dplyr ggplot2 RcppGSL\n"),
        "install2.r with options": plain(
            "    install2.r -e -n 4 -r https://cloud.r-project.org dplyr ggplot2 RcppGSL\n"
        ),
        "remotes": plain(
            "    Rscript -e \"install.packages('remotes'); remotes::install_cran(c('dplyr', 'ggplot2', 'RcppGSL'))\"\n"
        ),
        "versions": plain(
            "    install2.r remotes ggplot2 RcppGSL\n    Rscript -e \"remotes::install_version('dplyr', '1.1.4')\"\n"
        ),
        "GitHub": plain(
            "    install2.r remotes ggplot2 RcppGSL\n    Rscript -e \"remotes::install_github('tidyverse/dplyr')\"\n"
        ),
        "pak": plain(
            '    Rscript -e \'install.packages("pak"); pak::pkg_install(c("dplyr", "ggplot2", "RcppGSL"))\'\n'
        ),
        "pacman": plain("    Rscript -e 'install.packages(\"pacman\"); pacman::p_load(dplyr, ggplot2, RcppGSL)'\n"),
        "the tidyverse altogether": plain("    install2.r --error tidyverse RcppGSL\n"),
        "tidyverse's image": tidy("    R -e \"install.packages('RcppGSL')\"\n"),
        "tidyverse's image, all again": tidy(f'    Rscript -e "install.packages({THREE})"\n'),
        "verse": on("Bootstrap: docker\nFrom: rocker/verse:4.3.2\n", GSL + "    install2.r RcppGSL\n"),
        "geospatial has the headers": on(
            "Bootstrap: docker\nFrom: rocker/geospatial:4.3.2\n", "    install2.r RcppGSL\n"
        ),
        "RStudio": on(
            "Bootstrap: docker\nFrom: rocker/rstudio:4.3.2\n", GSL + "    install2.r dplyr ggplot2 RcppGSL\n"
        ),
        "r-base": on("Bootstrap: docker\nFrom: r-base:4.3.2\n", GSL + "    install2.r dplyr ggplot2 RcppGSL\n"),
        "registry": on(
            "Bootstrap: docker\nFrom: docker.io/rocker/r-ver:4.3.2\n", GSL + "    install2.r dplyr ggplot2 RcppGSL\n"
        ),
        "Rocker's script": plain("    /rocker_scripts/install_tidyverse.sh\n    install2.r RcppGSL\n"),
        "Debian's packages": on(
            "Bootstrap: docker\nFrom: r-base:4.3.2\n",
            "    apt-get update && apt-get install -y r-cran-dplyr r-cran-ggplot2 r-cran-rcppgsl\n",
        ),
        "headers with more": on(
            PLAIN,
            "    apt-get update\n    apt-get install -y gsl-bin libgsl-dev g++\n    install2.r dplyr ggplot2 RcppGSL\n",
        ),
        "headers between": on(PLAIN, "    install2.r dplyr ggplot2\n" + GSL + "    install2.r RcppGSL\n"),
        "old name of the headers": on(
            PLAIN, "    apt-get update; apt-get install -y libgsl0-dev\n    install2.r dplyr ggplot2 RcppGSL\n"
        ),
        "proof behind": plain(
            f'    R -e "install.packages({THREE})"\n'
            '    Rscript -e "library(dplyr); library(ggplot2); library(RcppGSL)"\n'
        ),
        "comments": plain("    # plots, tables, GSL\n    install2.r dplyr ggplot2 RcppGSL  # a while\n"),
        "function": plain(
            "    get() { Rscript -e \"install.packages('$1')\"; }\n    get dplyr\n    get ggplot2\n    get RcppGSL\n"
        ),
        "CRLF": plain(f'    R -e "install.packages({THREE})"\n').replace("\n", "\r\n"),
    },
}

WRONG = {
    "r/recipe": {
        "nothing": ("", "readable", "no recipe here yet"),
        "no tag": (on("Bootstrap: docker\nFrom: rocker/r-ver\n", GSL), "base", "no tag"),
        "latest": (on("Bootstrap: docker\nFrom: rocker/r-ver:latest\n", GSL), "base", "tag `latest`"),
        "other R": (on("Bootstrap: docker\nFrom: rocker/r-ver:4.4.1\n", GSL), "base", "tag `4.4.1`"),
        "two figures": (on("Bootstrap: docker\nFrom: rocker/tidyverse:4.3\n", GSL), "base", "tag `4.3`"),
        "other image": (on("Bootstrap: docker\nFrom: ubuntu:22.04\n", GSL), "base", "not one of the images"),
        "no namespace": (on("Bootstrap: docker\nFrom: r-ver:4.3.2\n", GSL), "base", "another image"),
        "scheme": (on("Bootstrap: docker\nFrom: docker://rocker/r-ver:4.3.2\n", GSL), "base", "`docker://`"),
        "nothing installed": (plain("    R --version\n"), "packages", "`dplyr`"),
        "one forgotten": (plain("    R -e \"install.packages(c('dplyr', 'RcppGSL'))\"\n"), "packages", "`ggplot2`"),
        "GSL's forgotten": (tidy("    R --version\n"), "packages", "`RcppGSL`"),
        "capital letters lost": (
            plain("    R -e \"install.packages(c('dplyr', 'ggplot2', 'rcppgsl'))\"\n"),
            "packages",
            "misspelt",
        ),
        "misspelt": (plain("    R -e \"install.packages(c('dplyr', 'ggplot', 'RcppGSL'))\"\n"), "packages", "`ggplot`"),
        "function misspelt": (
            plain(f'    R -e "install.package({THREE})"\n'),
            "packages",
            "no function `install.package`",
        ),
        "library for an install": (
            plain('    Rscript -e "library(dplyr); library(ggplot2); library(RcppGSL)"\n'),
            "packages",
            "`dplyr`",
        ),
        "without c": (plain("    R -e \"install.packages('dplyr', 'ggplot2', 'RcppGSL')\"\n"), "packages", "c("),
        "without quotes": (plain('    R -e "install.packages(c(dplyr, ggplot2, RcppGSL))"\n'), "packages", "quotes"),
        "quotes that the shell takes": (
            plain('    R -e "install.packages(c("dplyr","ggplot2","RcppGSL"))"\n'),
            "packages",
            "without quotes",
        ),
        "in a comment": (plain(f'    # R -e "install.packages({THREE})"\n'), "packages", "comment"),
        "in R's comment": (plain(f"    R --no-save <<EOF\n# install.packages({THREE})\nEOF\n"), "packages", "comment"),
        "in the runscript": (
            PLAIN + f'%post\n{GSL}%runscript\n    R -e "install.packages({THREE})"\n',
            "packages",
            "`%runscript`",
        ),
        "in the environment": (
            PLAIN + f'%post\n{GSL}%environment\n    R -e "install.packages({THREE})"\n',
            "packages",
            "`%environment`",
        ),
        "after exit": (plain(f'    exit 0\n    R -e "install.packages({THREE})"\n'), "packages", "never runs"),
        "as a command": (plain("    install.packages(dplyr)\n"), "packages", "install.packages"),
        "pip": (plain("    pip install dplyr ggplot2 RcppGSL\n"), "packages", "asks `pip`"),
        "apt": (plain("    apt-get install -y dplyr ggplot2 RcppGSL\n"), "packages", "asks `apt-get`"),
        "taken away": (
            plain("    install2.r dplyr ggplot2 RcppGSL\n    R -e \"remove.packages('dplyr')\"\n"),
            "packages",
            "away again",
        ),
        "no headers": (on(PLAIN, f'    R -e "install.packages({THREE})"\n'), "headers", "headers"),
        "no headers on tidyverse": (on(TIDY, "    install2.r RcppGSL\n"), "headers", "headers"),
        "headers too late": (on(PLAIN, f'    R -e "install.packages({THREE})"\n' + GSL), "headers", "headers"),
        "library without headers": (
            on(PLAIN, "    apt-get update && apt-get install -y libgsl27\n    install2.r dplyr ggplot2 RcppGSL\n"),
            "headers",
            "headers",
        ),
        "programs without headers": (
            on(PLAIN, "    apt-get update && apt-get install -y gsl-bin\n    install2.r dplyr ggplot2 RcppGSL\n"),
            "headers",
            "headers",
        ),
        "headers misspelt": (
            on(PLAIN, "    apt-get update && apt-get install -y libgls-dev\n    install2.r dplyr ggplot2 RcppGSL\n"),
            "headers",
            "headers",
        ),
        "headers in a comment": (
            on(PLAIN, "    # apt-get install -y libgsl-dev\n    install2.r dplyr ggplot2 RcppGSL\n"),
            "headers",
            "headers",
        ),
        "headers taken away": (
            plain("    apt-get purge -y libgsl-dev\n    install2.r dplyr ggplot2 RcppGSL\n"),
            "headers",
            "headers",
        ),
        "RUN": (PLAIN + "RUN install2.r dplyr\n", "readable", "Dockerfile"),
        "CRLF": (on(PLAIN, "    install2.r dplyr ggplot2 RcppGSL\n").replace("\n", "\r\n"), "headers", "headers"),
    },
}


@pytest.mark.parametrize(("step", "name"), cases(RIGHT))
def test_a_right_spelling_passes(step: str, name: str) -> None:
    passes(step, RIGHT[step][name])


@pytest.mark.parametrize(("step", "name"), cases(WRONG))
def test_a_wrong_spelling_is_told_its_fault(step: str, name: str) -> None:
    is_told(step, *WRONG[step][name])


def test_there_are_enough_spellings() -> None:
    enough(RIGHT, WRONG)

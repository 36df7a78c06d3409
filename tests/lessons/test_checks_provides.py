"""Python and R packages: every way that works passes, every mistake is told."""

from __future__ import annotations

import time
from typing import Any

import pytest

from cowshed_lessons.verdict import Outcome
from lessons.checking import of_recipe, said

PYTORCH = "Bootstrap: docker\nFrom: pytorch/pytorch:2.1.2-cuda12.1-cudnn8-runtime\n"
PYTHON = "Bootstrap: docker\nFrom: python:3.11-slim\n"
UBUNTU = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
CONDA = "Bootstrap: docker\nFrom: continuumio/miniconda3:24.1.2-0\n"
MAMBA = "Bootstrap: docker\nFrom: mambaorg/micromamba:1.5.8\n"
TORCH: dict[str, Any] = {"ecosystem": "python", "packages": ["torch==2.1.2", "numpy", "seaborn", "pandas"]}


def post(base: str, *lines: str) -> str:
    return base + "%post\n" + "".join(f"    {line}\n" for line in lines)


REQUIREMENTS = "cat > /opt/requirements.txt <<EOF\ntorch==2.1.2  # pinned\nnumpy\n\nseaborn>=0.12\npandas\nEOF"
YAML = (
    "cat > env.yml <<'EOF'\nname: x\nchannels:\n  - pytorch\ndependencies:\n  - python=3.11\n  - pytorch=2.1.2\n"
    "  - pip:\n    - seaborn\n    - pandas\nEOF"
)

RIGHT_PYTHON = {
    "pytorch base and pip": post(PYTORCH, "pip install pandas seaborn"),
    "pytorch base, seaborn brings the rest": post(PYTORCH, "pip install seaborn"),
    "pytorch base and conda": post(PYTORCH, "conda install -y -c conda-forge pandas seaborn"),
    "pytorch base, its conda by its path": post(PYTORCH, "/opt/conda/bin/conda install -y seaborn pandas"),
    "pytorch base on docker.io": post(PYTORCH.replace("pytorch/py", "docker.io/pytorch/py"), "pip install seaborn"),
    "pytorch base, devel": post(PYTORCH.replace("runtime", "devel"), "pip3 install seaborn pandas"),
    "pinned on python": post(PYTHON, "pip install torch==2.1.2 numpy seaborn pandas"),
    "python -m pip": post(PYTHON, "python3 -m pip install --no-cache-dir torch==2.1.2 numpy pandas seaborn"),
    "python3.11 -m pip": post(PYTHON, "python3.11 -u -m pip install torch==2.1.2 numpy pandas seaborn"),
    "pip3.11": post(PYTHON, "pip3.11 install 'torch == 2.1.2' numpy pandas seaborn"),
    "uv": post(PYTHON, "pip install uv", "uv pip install --system torch==2.1.2 numpy pandas seaborn"),
    "local version": post(
        PYTHON, "pip install torch==2.1.2+cpu --index-url https://download.pytorch.org/whl/cpu", "pip install seaborn"
    ),
    "extra": post(PYTHON, "pip install 'torch[opt-einsum]==2.1.2' numpy pandas seaborn"),
    "several lines": post(PYTHON, "pip install torch==2.1.2", "pip install NumPy", "pip install Pandas Seaborn"),
    "continued": post(PYTHON, "pip install \\", "  torch==2.1.2 \\", "  numpy pandas \\", "  seaborn"),
    "three equal signs": post(PYTHON, "pip install torch===2.1.2 seaborn"),
    "wheel": post(
        PYTHON,
        "pip install https://download.pytorch.org/whl/cpu/torch-2.1.2%2Bcpu-cp311-cp311-linux_x86_64.whl seaborn",
    ),
    "torchvision brings its torch": post(PYTHON, "pip install torchvision==0.16.2 seaborn"),
    "variable": post(PYTHON, "VERSION=2.1.2", 'pip install "torch==${VERSION}" numpy pandas seaborn'),
    "build argument": PYTHON + "%arguments\nV=2.1.2\n%post\npip install torch=={{ V }} seaborn\n",
    "loop": post(PYTHON, "for p in torch==2.1.2 numpy pandas seaborn; do pip install $p; done"),
    "function": post(PYTHON, 'get() { pip install --no-cache-dir "$@"; }', "get torch==2.1.2 seaborn"),
    "list written in %post": post(PYTHON, REQUIREMENTS, "pip install -r /opt/requirements.txt"),
    "list from %files": PYTHON
    + "%files\n    requirements.txt /opt/\n%post\n    pip install -r /opt/requirements.txt\n",
    "constraints": post(PYTHON, "pip install -c https://example.org/c.txt torch numpy pandas seaborn"),
    "conda": post(CONDA, "conda install -y -c pytorch -c conda-forge pytorch=2.1.2 numpy pandas seaborn"),
    "conda, two equal signs": post(
        CONDA, "conda install -y pytorch==2.1.2 cpuonly -c pytorch", "conda install -y seaborn"
    ),
    "conda, channel in the name": post(CONDA, "conda install -y 'pytorch::pytorch=2.1.2=py3.10_cpu_0' seaborn"),
    "conda, new environment": post(CONDA, "conda create -n ml -y python=3.11 pytorch=2.1.2 seaborn -c conda-forge"),
    "conda run pip": post(CONDA, "conda create -y -n e python=3.11", "conda run -n e pip install torch==2.1.2 seaborn"),
    "micromamba": post(MAMBA, "micromamba install -y -n base -c conda-forge pytorch=2.1.2 seaborn pandas numpy"),
    "mamba": post(CONDA, "mamba install --yes --channel conda-forge pytorch-cpu=2.1.2 seaborn"),
    "environment file written in %post": post(CONDA, YAML, "conda env update -n base -f env.yml"),
    "environment file from %files": CONDA + "%files\n    env.yml /\n%post\n    conda env create -f /env.yml\n",
    "ubuntu with apt's pip": post(
        UBUNTU, "apt-get update", "apt-get install -y python3-pip", "pip install torch==2.1.2 seaborn"
    ),
    "ubuntu, numpy from apt": post(
        UBUNTU,
        "apt-get install -y python3-pip python3-numpy python3-pandas python3-seaborn",
        "pip install torch==2.1.2",
    ),
    "miniconda from the net": post(
        UBUNTU,
        "curl -LO https://repo.anaconda.com/miniconda/Miniconda3-latest-Linux-x86_64.sh",
        "bash Miniconda3-latest-Linux-x86_64.sh -b -p /opt/conda",
        "/opt/conda/bin/conda install -y pytorch=2.1.2 seaborn",
    ),
    "virtual environment": post(PYTHON, "python3 -m venv /opt/v", "/opt/v/bin/pip install torch==2.1.2 seaborn"),
    "virtual environment entered": post(
        PYTHON, "python -m venv /opt/v", ". /opt/v/bin/activate", "pip install torch==2.1.2 seaborn"
    ),
    "upgraded base": post(PYTORCH, "pip install --upgrade pip", "pip install seaborn"),
    "pinned above an older base": post(PYTORCH.replace("2.1.2", "2.0.1"), "pip install torch==2.1.2 seaborn"),
    "unknown base": post("Bootstrap: docker\nFrom: nvcr.io/nvidia/pytorch:23.12-py3\n", "pip install seaborn"),
    "local image": post("Bootstrap: localimage\nFrom: pytorch.sif\n", "pip install seaborn"),
    "digest": post(f"Bootstrap: docker\nFrom: pytorch/pytorch@sha256:{'a' * 64}\n", "pip install seaborn"),
    "script": PYTHON + "%files\n    setup.sh /\n%post\n    bash /setup.sh\n",
    "project of one's own": PYTHON + "%files\n    . /src\n%post\n    pip install /src\n",
    "poetry": PYTHON + "%files\n    . /src\n%post\n    pip install poetry\n    cd /src && poetry install\n",
    "from a stage": (
        PYTHON
        + "Stage: build\n%post\n    pip install --target /l torch==2.1.2 seaborn\n\n"
        + PYTHON
        + "%files from build\n    /l /usr/lib/python3/dist-packages\n"
    ),
    "bash -c": post(PYTHON, "bash -c 'pip install torch==2.1.2 seaborn'"),
    "chain": post(PYTHON, "cd /tmp && pip install torch==2.1.2 && pip install seaborn && rm -rf /root/.cache"),
}

WRONG_PYTHON = {
    "nothing": (PYTORCH, "`seaborn`"),
    "pandas from nowhere": (post(PYTORCH, "true"), "Neither the base image nor `%post` brings `seaborn`"),
    "no seaborn": (post(PYTORCH, "pip install pandas"), "`seaborn`"),
    "unpinned": (post(PYTHON, "pip install torch seaborn"), "without a version"),
    "range": (post(PYTHON, "pip install 'torch>=2.1,<2.2' seaborn"), "not pinned"),
    "compatible": (post(PYTHON, "pip install 'torch~=2.1' seaborn"), "not pinned"),
    "wildcard": (post(PYTHON, "pip install 'torch==2.1.*' seaborn"), "not pinned"),
    "unquoted sign": (post(PYTHON, "pip install torch>=2.1.2 seaborn"), "without a version"),
    "older": (post(PYTHON, "pip install torch==2.1.1 seaborn"), "2.1.1"),
    "newer on the right base": (post(PYTORCH, "pip install torch==2.3.0 seaborn"), "2.3.0"),
    "upgraded": (post(PYTORCH, "pip install -U torch seaborn"), "without a version"),
    "older base": (post(PYTORCH.replace("2.1.2", "2.0.1"), "pip install seaborn"), "brings torch 2.0.1"),
    "latest base": (
        post("Bootstrap: docker\nFrom: pytorch/pytorch:latest\n", "pip install seaborn"),
        "from day to day",
    ),
    "no tag": (post("Bootstrap: docker\nFrom: pytorch/pytorch\n", "pip install seaborn"), "from day to day"),
    "pytorch by pip": (post(PYTHON, "pip install pytorch==2.1.2 seaborn"), "called `torch`"),
    "misspelt": (post(PYTORCH, "pip install pandas seabron"), "misspelt"),
    "misspelt numpy": (post(PYTHON, "pip install torch==2.1.2 numpi seaborn"), ""),
    "in a comment": (post(PYTORCH, "pip install pandas  # seaborn"), "comment"),
    "in the runscript": (PYTORCH + "%runscript\n    pip install seaborn\n", "`%runscript`"),
    "in the environment": (PYTORCH + "%environment\n    pip install seaborn\n", "`%environment`"),
    "after the exit": (post(PYTORCH, "pip install pandas", "exit 0", "pip install seaborn"), "never runs"),
    "downloaded only": (post(PYTORCH, "pip download seaborn"), "`seaborn`"),
    "taken away": (post(PYTORCH, "pip install seaborn", "pip uninstall -y seaborn"), "takes `seaborn` away"),
    "conda unpinned": (post(CONDA, "conda install -y pytorch seaborn"), "without a version"),
    "conda half pinned": (post(CONDA, "conda install -y pytorch=2.1 seaborn"), "2.1"),
    "conda other": (post(CONDA, "conda install -y pytorch=2.2.0 seaborn"), "2.2.0"),
    "apt's torch": (post(UBUNTU, "apt-get install -y python3-torch python3-seaborn"), "not pinned"),
    "list without a pin": (
        post(PYTHON, "printf 'torch\\nseaborn\\n' > r.txt", "pip install -r r.txt"),
        "not pinned",
    ),
    "pip's name in an environment file": (
        post(
            CONDA,
            YAML.replace("- seaborn", "- pytorch==2.1.2").replace("  - pytorch=2.1.2\n", ""),
            "conda env create -f env.yml",
        ),
        "called `torch`",
    ),
    "torchvision unpinned": (post(PYTHON, "pip install torchvision seaborn"), "torch comes along"),
    "channel is no package": (post(CONDA, "conda install -y -c seaborn pytorch=2.1.2"), "`seaborn`"),
}


@pytest.mark.parametrize("name", RIGHT_PYTHON)
def test_python_packages_that_are_there(name: str) -> None:
    assert said(of_recipe("recipe.provides", RIGHT_PYTHON[name], **TORCH)) == ""


@pytest.mark.parametrize("name", [name for name in WRONG_PYTHON if WRONG_PYTHON[name][1]])
def test_python_packages_that_are_not_there(name: str) -> None:
    recipe, words = WRONG_PYTHON[name]
    assert words in said(of_recipe("recipe.provides", recipe, **TORCH))


R_VER = "Bootstrap: docker\nFrom: rocker/r-ver:4.3.2\n"
TIDY = "Bootstrap: docker\nFrom: rocker/tidyverse:4.3.2\n"
THREE: dict[str, Any] = {"ecosystem": "r", "packages": ["dplyr", "ggplot2", "RcppGSL"]}
CODE = 'cat > /opt/i.R <<EOF\npkgs <- c("dplyr", "ggplot2",\n  "RcppGSL")  # all\ninstall.packages(pkgs)\nEOF'

RIGHT_R = {
    "R -e": post(R_VER, "R -e \"install.packages(c('dplyr', 'ggplot2', 'RcppGSL'))\""),
    "R -e, other quotes": post(R_VER, 'R -e \'install.packages(c("dplyr", "ggplot2", "RcppGSL"))\''),
    "R -q -e": post(R_VER, 'R -q -e \'install.packages(c("dplyr","ggplot2","RcppGSL"), repos="https://x.org")\''),
    "Rscript -e": post(
        R_VER, 'Rscript -e \'install.packages("dplyr")\' -e \'install.packages(c("ggplot2","RcppGSL"))\''
    ),
    "three calls": post(R_VER, *(f"R -e \"install.packages('{p}')\"" for p in ("dplyr", "ggplot2", "RcppGSL"))),
    "tidyverse base": post(TIDY, "R -e \"install.packages('RcppGSL')\""),
    "verse base": post(TIDY.replace("tidyverse", "verse"), "install2.r RcppGSL"),
    "tidyverse package": post(R_VER, 'Rscript -e \'install.packages(c("tidyverse", "RcppGSL"))\''),
    "rocker's script": post(R_VER, "/rocker_scripts/install_tidyverse.sh", "install2.r --error RcppGSL"),
    "install2.r": post(R_VER, "install2.r --error --skipinstalled -n 4 dplyr ggplot2 RcppGSL"),
    "littler": post(R_VER, 'r -e \'install.packages(c("dplyr","ggplot2","RcppGSL"))\''),
    "install.r": post(R_VER, "/usr/local/lib/R/site-library/littler/examples/install.r dplyr ggplot2 RcppGSL"),
    "heredoc": post(R_VER, "R --no-save <<EOF\ninstall.packages(c('dplyr','ggplot2','RcppGSL'))\nEOF"),
    "echo into R": post(R_VER, "echo \"install.packages(c('dplyr','ggplot2','RcppGSL'))\" | R --no-save"),
    "script written before": post(R_VER, CODE, "Rscript /opt/i.R"),
    "script by -f": post(R_VER, CODE, "R --no-save -f /opt/i.R"),
    "script from %files": R_VER + "%files\n    i.R /\n%post\n    Rscript /i.R\n",
    "install_version": post(
        R_VER,
        "R -e \"remotes::install_version('dplyr', '1.1.4'); remotes::install_cran(c('ggplot2', 'RcppGSL'))\"",
    ),
    "install_github": post(TIDY, "R -e \"remotes::install_github('eddelbuettel/RcppGSL')\""),
    "pak": post(R_VER, 'R -e \'pak::pak(c("dplyr", "any::ggplot2", "RcppGSL@0.3.13"))\''),
    "pak's pkg_install": post(R_VER, 'R -e \'pak::pkg_install(c("dplyr", "ggplot2", "RcppGSL"))\''),
    "pacman": post(R_VER, "R -e 'install.packages(\"pacman\"); pacman::p_load(dplyr, ggplot2, RcppGSL)'"),
    "BiocManager": post(R_VER, 'R -e \'BiocManager::install(c("dplyr","ggplot2","RcppGSL"))\''),
    "named argument": post(R_VER, 'R -e \'install.packages(repos="https://x", pkgs=c("dplyr","ggplot2","RcppGSL"))\''),
    "variable": post(R_VER, 'R -e \'p = c("dplyr","ggplot2","RcppGSL"); install.packages(p)\''),
    "loop in R": post(R_VER, 'R -e \'for (p in c("dplyr","ggplot2","RcppGSL")) install.packages(p)\''),
    "lapply": post(R_VER, 'R -e \'lapply(c("dplyr","ggplot2","RcppGSL"), install.packages)\''),
    "loop in the shell": post(R_VER, "for p in dplyr ggplot2 RcppGSL; do", "R -e \"install.packages('$p')\"", "done"),
    "shell variable": post(R_VER, "P=\"'dplyr','ggplot2','RcppGSL'\"", 'Rscript -e "install.packages(c($P))"'),
    "utils::": post(R_VER, 'R -e \'utils::install.packages(c("dplyr","ggplot2","RcppGSL"))\''),
    "apt": post(R_VER, "apt-get install -y r-cran-dplyr r-cran-ggplot2 r-cran-rcppgsl"),
    "conda": post(CONDA, "conda install -y -c conda-forge r-base=4.3.2 r-dplyr r-ggplot2 r-rcppgsl"),
    "tarball": post(TIDY, "R CMD INSTALL /tmp/RcppGSL_0.3.13.tar.gz"),
    "a folder": post(TIDY, "R -e \"devtools::install('/src/x')\""),
    "renv": R_VER + "%files\n    renv.lock /p/\n%post\n    cd /p && R -e 'renv::restore()'\n",
    "other base": post("Bootstrap: docker\nFrom: rocker/r2u:jammy\n", "R -e \"install.packages('RcppGSL')\""),
}

WRONG_R = {
    "nothing": (R_VER, "brings `dplyr`"),
    "tidyverse alone": (TIDY, "brings `RcppGSL`"),
    "no RcppGSL": (post(R_VER, "R -e \"install.packages(c('dplyr', 'ggplot2'))\""), "brings `RcppGSL`"),
    "no ggplot2": (post(R_VER, "R -e \"install.packages(c('dplyr', 'RcppGSL'))\""), "brings `ggplot2`"),
    "small letters": (post(TIDY, "R -e \"install.packages('rcppgsl')\""), "misspelt"),
    "ggplot": (post(R_VER, "R -e \"install.packages(c('dplyr','ggplot','RcppGSL'))\""), "misspelt"),
    "dplry": (post(R_VER, "R -e \"install.packages(c('dplry','ggplot2','RcppGSL'))\""), "misspelt"),
    "library only": (post(TIDY, 'R -e "library(RcppGSL)"'), "brings `RcppGSL`"),
    "install.package": (post(TIDY, "R -e \"install.package('RcppGSL')\""), "no function `install.package`"),
    "install_packages": (post(TIDY, "R -e \"install_packages('RcppGSL')\""), "no function"),
    "in a comment of R": (post(TIDY, "R -e \"# install.packages('RcppGSL')\""), "RcppGSL"),
    "in a comment": (post(TIDY, "# R -e \"install.packages('RcppGSL')\""), "comment"),
    "in the runscript": (TIDY + "%runscript\n    R -e \"install.packages('RcppGSL')\"\n", "`%runscript`"),
    "in the environment": (TIDY + "%environment\n    R -e \"install.packages('RcppGSL')\"\n", "`%environment`"),
    "after the exit": (post(TIDY, "exit 0", "R -e \"install.packages('RcppGSL')\""), "never runs"),
    "removed": (post(TIDY, "install2.r RcppGSL", "R -e \"remove.packages('RcppGSL')\""), "takes `RcppGSL` away"),
    "plain ubuntu": (UBUNTU, "brings `dplyr`"),
    "rstudio": (post(R_VER.replace("r-ver", "rstudio"), "install2.r RcppGSL"), "brings `dplyr`"),
    "r-base": (post("Bootstrap: docker\nFrom: r-base:4.3.2\n", "install.r RcppGSL ggplot2"), "brings `dplyr`"),
    "Rcpp only": (post(TIDY, "install2.r Rcpp"), "RcppGSL"),
    "GSL only": (post(TIDY, "apt-get install -y libgsl-dev"), "brings `RcppGSL`"),
    "printed": (post(TIDY, "echo \"install.packages('RcppGSL')\""), "brings `RcppGSL`"),
}


@pytest.mark.parametrize("name", RIGHT_R)
def test_r_packages_that_are_there(name: str) -> None:
    assert said(of_recipe("recipe.provides", RIGHT_R[name], **THREE)) == ""


@pytest.mark.parametrize("name", WRONG_R)
def test_r_packages_that_are_not_there(name: str) -> None:
    recipe, words = WRONG_R[name]
    assert words in said(of_recipe("recipe.provides", recipe, **THREE))


def test_r_itself_may_be_asked_for() -> None:
    wanted: dict[str, Any] = {"ecosystem": "r", "packages": ["R==4.3.2"]}
    for header in (R_VER, TIDY, "Bootstrap: docker\nFrom: r-base:4.3.2\n"):
        assert said(of_recipe("recipe.provides", header, **wanted)) == ""
    assert "brings R 4.2.0" in said(of_recipe("recipe.provides", R_VER.replace("4.3.2", "4.2.0"), **wanted))
    assert said(of_recipe("recipe.provides", post(CONDA, "conda install -y r-base=4.3.2"), **wanted)) == ""
    assert "not pinned" in said(of_recipe("recipe.provides", post(UBUNTU, "apt-get install -y r-base"), **wanted))


def test_a_course_may_say_what_is_in_a_base() -> None:
    recipe = "Bootstrap: docker\nFrom: ghcr.io/x/science:3\n"
    bases = [{"image": "x/science", "tags": ["3*"], "has": ["torch==2.1.2", "numpy", "seaborn"]}]
    found = of_recipe("recipe.provides", recipe, bases=bases, **TORCH)
    assert "brings `pandas`" in said(found)
    assert of_recipe("recipe.provides", recipe, **TORCH).outcome is Outcome.PASSED


def test_packages_of_the_system() -> None:
    wanted: dict[str, Any] = {"ecosystem": "system", "packages": [["libgsl-dev", "gsl-dev", "gsl-devel"], "gcc"]}
    assert said(of_recipe("recipe.provides", post(UBUNTU, "apt-get install -y libgsl-dev gcc"), **wanted)) == ""
    alpine = post("Bootstrap: docker\nFrom: alpine:3.17\n", "apk add gsl-dev gcc")
    assert said(of_recipe("recipe.provides", alpine, **wanted)) == ""
    assert "brings `gcc`" in said(of_recipe("recipe.provides", post(UBUNTU, "apt-get install -y libgsl-dev"), **wanted))


GSL: dict[str, Any] = {"first": ["libgsl-dev", "libgsl0-dev", "gsl-dev", "gsl-devel"], "then": ["RcppGSL"]}
INSTALL = "R -e \"install.packages('RcppGSL')\""


@pytest.mark.parametrize(
    "recipe",
    [
        post(R_VER, "apt-get update && apt-get install -y libgsl-dev", INSTALL),
        post(R_VER, "apt-get install -y libgsl-dev libblas-dev && " + INSTALL),
        post(R_VER, "apt-get install -y libgsl0-dev", "install2.r RcppGSL"),
        post(R_VER, "P=libgsl-dev", "apt-get install -y $P", INSTALL),
        post(R_VER, "apt-get install -y $UNKNOWN", INSTALL),
        post(R_VER, "apt-get install -y r-cran-rcppgsl"),
        post(R_VER, "R -e 'pak::pak(\"RcppGSL\")'"),
        post(CONDA, "conda install -y r-rcppgsl"),
        post(TIDY.replace("tidyverse", "geospatial"), INSTALL),
        post("Bootstrap: docker\nFrom: rocker/r2u:jammy\n", INSTALL),
        post("Bootstrap: docker\nFrom: fedora:39\n", "dnf install -y gsl-devel R", INSTALL),
        R_VER + "%files\n    i.R /\n%post\n    apt-get install -y libgsl-dev\n    Rscript /i.R\n",
    ],
)
def test_headers_that_come_first(recipe: str) -> None:
    assert said(of_recipe("recipe.order", recipe, **GSL)) == ""


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (post(R_VER, INSTALL), "nothing installs above it"),
        (post(TIDY, "install2.r RcppGSL"), "needs `libgsl-dev`"),
        (post(R_VER, INSTALL, "apt-get install -y libgsl-dev"), "only on line 5"),
        (post(R_VER, "# apt-get install -y libgsl-dev", INSTALL), "nothing installs above it"),
        (post(R_VER, "apt-get install -y libgsl27", INSTALL), "nothing installs above it"),
        (post(R_VER, INSTALL, "exit 0", "apt-get install -y libgsl-dev"), "nothing installs above it"),
    ],
)
def test_headers_that_come_too_late(recipe: str, words: str) -> None:
    assert words in said(of_recipe("recipe.order", recipe, **GSL))


def test_without_what_needs_them_headers_are_not_asked_for() -> None:
    assert of_recipe("recipe.order", post(R_VER, "true"), **GSL).waiting


def test_a_fault_is_underlined_where_it_stands() -> None:
    recipe = post(PYTHON, "pip install numpy", "pip install torch==2.0.1 seaborn pandas")
    finding = of_recipe("recipe.provides", recipe, **TORCH).findings[0]
    assert (finding.line, finding.column, finding.end_column) == (5, 17, 29)
    assert finding.hint == "Write `torch==2.1.2`."


def test_the_course_s_own_words_are_taken() -> None:
    found = of_recipe("recipe.provides", PYTORCH, message="Some are missing.", hint="Look inside.", **TORCH)
    assert (found.findings[0].message, found.findings[0].hint, len(found.findings)) == (
        "Some are missing.",
        "Look inside.",
        1,
    )


@pytest.mark.parametrize(
    "code",
    [
        "install(" * 8_000,
        "R -e '" + "install.packages(c(" * 3_000 + "'",
        "pip install " + "a-" * 30_000,
        "pip install " + "a/" * 30_000,
        "conda install " + "=" * 30_000,
        "R -e '" + "map " * 10_000 + "'",
        "R -e '" + '"' * 10_001 + "'",
        "for p in " + "x " * 5_000 + "; do pip install $p; done",
    ],
)
def test_no_recipe_takes_long(code: str) -> None:
    started = time.process_time()
    for wanted in (TORCH, THREE):
        of_recipe("recipe.provides", post(UBUNTU, code), **wanted)
    of_recipe("recipe.order", post(UBUNTU, code), **GSL)
    assert time.process_time() - started < 5

"""Meaning, not text: PyTorch 2.1.2, NumPy, Seaborn and Pandas, by all the ways that people install Python packages."""

from __future__ import annotations

import pytest

from lessons.spellings import cases, enough, is_told, passes

PYTORCH = "Bootstrap: docker\nFrom: pytorch/pytorch:2.1.2-cuda12.1-cudnn8-runtime\n"
PYTHON = "Bootstrap: docker\nFrom: python:3.11-slim\n"
UBUNTU = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
CONDA = "Bootstrap: docker\nFrom: condaforge/miniforge3:24.3.0-0\n"
MAMBA = "Bootstrap: docker\nFrom: mambaorg/micromamba:1.5.8\n"
RUN = '\n%runscript\n    python3 "$@"\n'


def on(header: str, script: str, more: str = "") -> str:
    return f"{header}{more}\n%post\n{script}{RUN}"


def base(script: str) -> str:
    return on(PYTORCH, script)


def bare(script: str) -> str:
    return on(PYTHON, script)


def venv(script: str) -> str:
    """Packages in an environment of their own, which the image then finds first."""
    return bare("    python -m venv /opt/venv\n" + script) + "\n%environment\n    export PATH=/opt/venv/bin:$PATH\n"


RIGHT = {
    "python/recipe": {
        "plain": base("    pip install --no-cache-dir pandas seaborn\n"),
        "pip3": base("    pip3 install seaborn pandas\n"),
        "python -m pip": base("    python -m pip install pandas seaborn\n"),
        "full path": base("    /opt/conda/bin/pip install pandas seaborn\n"),
        "two lines": base("    pip install pandas\n    pip install seaborn\n"),
        "only what brings the other": base("    pip install seaborn\n"),
        "continued": base("    pip install --no-cache-dir \\\n        pandas \\\n        seaborn\n"),
        "everything again": base("    pip install torch==2.1.2 numpy seaborn pandas\n"),
        "unpinned again": base("    pip install torch numpy seaborn pandas\n"),
        "versions": base('    pip install "pandas>=2,<3" "seaborn~=0.13" "numpy<2"\n'),
        "conda": base("    conda install --yes pandas seaborn && conda clean -afy\n"),
        "conda-forge": base("    conda install -y -c conda-forge seaborn pandas\n"),
        "mamba": base("    mamba install -y pandas seaborn\n"),
        "conda run": base("    conda run -n base pip install pandas seaborn\n"),
        "uv": base("    pip install uv\n    uv pip install --system pandas seaborn\n"),
        "other base of that version": on(
            "Bootstrap: docker\nFrom: docker.io/pytorch/pytorch:2.1.2-cuda11.8-cudnn8-devel\n",
            "    pip install seaborn\n",
        ),
        "digest": on(
            f"Bootstrap: docker\nFrom: pytorch/pytorch@sha256:{'1' * 64}\n", "    pip install seaborn pandas\n"
        ),
        "list in a heredoc": base("    cat > /r.txt <<EOF\npandas==2.2.0\nseaborn\nEOF\n    pip install -r /r.txt\n"),
        "list on standard input": base("    pip install -r /dev/stdin <<EOF\npandas\nseaborn\nEOF\n"),
        "list from my folder": on(
            PYTORCH, "    pip install -r /opt/requirements.txt\n", "%files\n    requirements.txt /opt/\n"
        ),
        "xargs": base("    echo pandas seaborn | xargs pip install\n"),
        "loop": base("    for p in pandas seaborn; do pip install --no-cache-dir $p; done\n"),
        "variable": base('    WANTED="pandas seaborn"\n    pip install $WANTED\n'),
        "template": on(PYTORCH, "    pip install {{ P }}\n", "%arguments\n    P=pandas seaborn\n"),
        "Python's image": bare('    pip install torch==2.1.2 "numpy<2" pandas seaborn\n'),
        "processor only": bare(
            "    pip install torch==2.1.2+cpu --index-url https://download.pytorch.org/whl/cpu\n"
            "    pip install 'numpy<2' pandas seaborn\n"
        ),
        "three equals signs": bare("    pip install torch===2.1.2 seaborn\n"),
        "blanks in quotes": bare("    pip install 'torch == 2.1.2' numpy pandas seaborn\n"),
        "capital letters": bare("    pip install Torch==2.1.2 NumPy Pandas Seaborn\n"),
        "wheel": bare(
            "    pip install https://download.pytorch.org/whl/cpu/torch-2.1.2%2Bcpu-cp311-cp311-linux_x86_64.whl\n"
            "    pip install seaborn\n"
        ),
        "the vision package asks for it": bare("    pip install torchvision==0.16.2 seaborn\n"),
        "virtual environment": venv("    /opt/venv/bin/pip install torch==2.1.2 'numpy<2' seaborn pandas\n"),
        "activated": venv("    . /opt/venv/bin/activate\n    pip install torch==2.1.2 'numpy<2' seaborn pandas\n"),
        "constraints": bare(
            "    echo 'numpy<2' > /c.txt\n    pip install -c /c.txt torch==2.1.2 numpy pandas seaborn\n"
        ),
        "apt and pip": on(
            UBUNTU,
            "    apt-get update && apt-get install -y python3-pip python3-numpy python3-pandas python3-seaborn\n"
            "    pip3 install torch==2.1.2\n",
        ),
        "conda-forge's": on(CONDA, "    conda install -y pytorch=2.1.2 numpy pandas seaborn\n"),
        "conda's with channel and build": on(
            CONDA, "    mamba install -y 'pytorch::pytorch=2.1.2=*cpu*' pandas seaborn\n"
        ),
        "micromamba": on(MAMBA, "    micromamba install -y -n base -c conda-forge pytorch==2.1.2 pandas seaborn\n"),
        "environment file": on(
            CONDA,
            "    cat > /e.yml <<EOF\nchannels: [conda-forge]\ndependencies:\n  - pytorch=2.1.2\n  - pandas\n"
            "  - pip\n  - pip:\n      - seaborn\nEOF\n    conda env update -n base -f /e.yml\n",
        ),
        "NVIDIA's": on("Bootstrap: docker\nFrom: nvcr.io/nvidia/pytorch:23.10-py3\n", "    pip install seaborn\n"),
        "comment": base("    # plots and tables\n    pip install pandas seaborn  # no cache needed\n"),
        "CRLF": base("    pip install pandas seaborn\n").replace("\n", "\r\n"),
        "from another stage": PYTHON
        + "Stage: build\n\n%post\n    pip install --target /site torch==2.1.2 seaborn\n\n"
        + PYTHON
        + "\n%files from build\n    /site /usr/local/lib/python3.11/site-packages\n"
        + RUN,
    },
}

WRONG = {
    "python/recipe": {
        "nothing": (base("    python3 --version\n"), "packages", "`seaborn`"),
        "no post": (PYTORCH + RUN, "packages", "`seaborn`"),
        "one forgotten": (base("    pip install pandas\n"), "packages", "`seaborn`"),
        "without what comes along": (base("    pip install --no-deps seaborn\n"), "packages", "`pandas`"),
        "bare image": (bare("    pip install pandas seaborn\n"), "packages", "`torch"),
        "not pinned": (bare("    pip install torch pandas seaborn\n"), "packages", "not pinned"),
        "at least": (bare("    pip install 'torch>=2.1.2' seaborn\n"), "packages", "several versions fit"),
        "about": (bare("    pip install 'torch~=2.1.0' seaborn\n"), "packages", "several versions fit"),
        "any of 2.1": (bare("    pip install 'torch==2.1.*' seaborn\n"), "packages", "several versions fit"),
        "other version": (bare("    pip install torch==2.1.1 seaborn\n"), "packages", "2.1.1"),
        "two figures": (bare("    pip install torch==2.1 seaborn\n"), "packages", "torch 2.1 "),
        "upgraded": (base("    pip install --upgrade torch pandas seaborn\n"), "packages", "not pinned"),
        "replaced": (base("    pip install torch==2.2.0 pandas seaborn\n"), "packages", "2.2.0"),
        "other base": (
            on("Bootstrap: docker\nFrom: pytorch/pytorch:2.2.0-cuda12.1-cudnn8-runtime\n", "    pip install seaborn\n"),
            "packages",
            "2.2.0",
        ),
        "newest base": (
            on("Bootstrap: docker\nFrom: pytorch/pytorch:latest\n", "    pip install seaborn\n"),
            "packages",
            "some version",
        ),
        "base without a tag": (
            on("Bootstrap: docker\nFrom: pytorch/pytorch\n", "    pip install seaborn\n"),
            "packages",
            "some version",
        ),
        "the wrong name": (bare("    pip install pytorch==2.1.2 seaborn\n"), "packages", "called `torch`"),
        "short names": (base("    pip install pd sns\n"), "packages", "seaborn"),
        "misspelt": (base("    pip install pandas seabron\n"), "packages", "misspelt"),
        "one equals sign": (bare("    pip install torch=2.1.2 seaborn\n"), "packages", "two equals signs"),
        "in the runscript": (
            PYTORCH + "%runscript\n    pip install pandas seaborn\n    python3\n",
            "packages",
            "`%runscript`",
        ),
        "in the environment": (
            PYTORCH + "%environment\n    pip install pandas seaborn\n",
            "packages",
            "`%environment`",
        ),
        "in a comment": (base("    # pip install pandas seaborn\n"), "packages", "comment"),
        "half in a comment": (base("    pip install pandas # seaborn\n"), "packages", "comment"),
        "only downloaded": (base("    pip download pandas seaborn\n"), "packages", "only simulates or downloads"),
        "only tried": (base("    pip install --dry-run pandas seaborn\n"), "packages", "only simulates"),
        "one equals sign for another": (base("    pip install pandas=2.2.0 seaborn\n"), "packages", "two equals signs"),
        "apt's": (base("    apt-get update && apt-get install -y pandas seaborn\n"), "packages", "asks `apt-get`"),
        "only listed": (base("    pip list | grep -e pandas -e seaborn\n"), "packages", "`seaborn`"),
        "taken away": (base("    pip install pandas seaborn\n    pip uninstall -y pandas\n"), "packages", "away again"),
        "after exit": (base("    exit 0\n    pip install pandas seaborn\n"), "packages", "never runs"),
        "misspelt verb": (base("    pip isntall pandas seaborn\n"), "packages", "isntall"),
        "conda without version": (on(CONDA, "    conda install -y pytorch pandas seaborn\n"), "packages", "not pinned"),
        "conda's other version": (on(CONDA, "    conda install -y pytorch=2.1 pandas seaborn\n"), "packages", "2.1"),
        "import for an install": (base("    python3 -c 'import pandas, seaborn'\n"), "packages", "`seaborn`"),
        "RUN": (PYTORCH + "RUN pip install pandas seaborn\n", "readable", "Dockerfile"),
        "no section": (PYTORCH + "pip install pandas seaborn\n", "readable", "no colon"),
        "earlier stage": (
            PYTORCH + "Stage: one\n%post\n    pip install pandas seaborn\n\n" + PYTORCH + RUN,
            "packages",
            "earlier stage",
        ),
        "commas": (base("    pip install pandas, seaborn\n"), "packages", "comma"),
        "CRLF": (base("    pip install pandas\n").replace("\n", "\r\n"), "packages", "`seaborn`"),
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

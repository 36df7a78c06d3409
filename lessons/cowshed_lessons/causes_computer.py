"""Causes of failed builds that lie with the computer: accounts, disks, memory, devices."""

from __future__ import annotations

from .failure_causes import Cause, pattern

COMPUTER: tuple[Cause, ...] = (
    Cause(
        "no-user-mapping",
        "This account may not pretend to be root",
        "Apptainer found no range of user numbers for this account (`/etc/subuid`), and a build needs one here.",
        "Ask the cluster's support for a subuid and subgid range, or build on another target.",
        "environment",
        pattern(
            r"(?i)no mapping entry found in /etc/sub[ug]id|could not use fakeroot: no (user|mapping)|"
            r"newuidmap.*(failed|not permitted)|user namespaces? (are|is) (not supported|disabled)|"
            r"could not (setup|set up) user namespace|failed to (create|set) user namespace"
        ),
        recorded=False,
        source="apptainer v1.4.5, internal/pkg/fakeroot and runtime starter",
    ),
    Cause(
        "no-user-mapping",
        "This account may not pretend to be root",
        "A program in `%post` wanted to become another user, and this account has no range of user numbers to "
        "choose one from.",
        "Build without `--ignore-fakeroot-command`, ask the cluster's support for a subuid and subgid range, "
        "or build on another target.",
        "environment",
        pattern(r"setgroups \d+ failed|Failed to setgroups|seteuid \d+ failed|setegid \d+ failed"),
    ),
    Cause(
        "libc-mismatch",
        "The host's fakeroot does not fit the image",
        "Without a range of user numbers Apptainer lends the image the host's fakeroot, and that program needs "
        "a newer or other "
        "C library than the image has.",
        "Build with `--ignore-fakeroot-command`, or ask for a subuid range.",
        "environment",
        pattern(
            r"faked?: not found|fakeroot: error while starting the .faked. daemon|GLIBC_[\d.]+' not found.*fake|"
            r"kill -l \[exitstatus\]|sh: you need to specify whom to kill"
        ),
    ),
    Cause(
        "quota",
        "Your quota is used up",
        "The file system refuses to store more for your account.",
        "Clean the cache (`apptainer cache clean`) or move it: set `APPTAINER_CACHEDIR` and `APPTAINER_TMPDIR` "
        "to a scratch "
        "folder.",
        "environment",
        pattern(r"(?i)disk quota exceeded"),
        recorded=False,
        source="EDQUOT, strerror(3); apptainer#546",
    ),
    Cause(
        "disk-full",
        "No space left",
        "A disk is full: the one for temporary files, the cache, or the folder of the image.",
        "Free some space, or set `APPTAINER_TMPDIR` and `APPTAINER_CACHEDIR` to a folder on a larger disk.",
        "environment",
        pattern(r"(?i)no space left on device"),
    ),
    Cause(
        "disk-full",
        "No space left",
        "apt saw that what it would install does not fit on the disk.",
        "Free some space, or set `APPTAINER_TMPDIR` to a folder on a larger disk.",
        "environment",
        pattern(r"You don't have enough free space"),
        recorded=False,
        source="apt's private-install.cc",
    ),
    Cause(
        "fuse",
        "FUSE does not work here",
        "Apptainer could not mount an image with FUSE: the device is missing, forbidden, or its helper is not "
        "installed.",
        "This is for the computer's administrators. With `--unsquash` or `--sandbox` it may work without.",
        "environment",
        pattern(
            r"(?i)/dev/fuse|fuse: (device not found|failed)|squashfuse(_ll)?\b.*(denied|not "
            r"found|failed)|fusermount3?: "
        ),
    ),
)
"""What a computer does not allow or has no more of."""

ENDED: tuple[Cause, ...] = (
    Cause(
        "killed",
        "The build was killed",
        "Something ended it by force, mostly the system for want of memory.",
        "Ask for more memory (in Slurm: `--mem`), or build where there is more.",
        "environment",
        pattern(r"signal: killed"),
    ),
    Cause(
        "killed",
        "The build was killed",
        "A program asked for more memory than there is.",
        "Ask for more memory (in Slurm: `--mem`), or build where there is more.",
        "environment",
        pattern(r"memory exhausted|^MemoryError\b|std::bad_alloc|virtual memory exhausted"),
    ),
    Cause(
        "killed",
        "The build was killed",
        "The memory was not enough.",
        "Ask for more memory (in Slurm: `--mem`), or build where there is more.",
        "environment",
        pattern(r"(?i:out of memory|oom-kill|oom_kill|cannot allocate memory)|^Killed\b|slurmstepd: error: Detected"),
        recorded=False,
        source="the kernel's, dash's and Slurm's messages",
    ),
)
"""Who was ended by force, or had too little memory."""

WRITING: tuple[Cause, ...] = (
    Cause(
        "image-in-use",
        "The image is already there",
        "A file of that name exists, or somebody is using it.",
        "Build with `--force` to replace it, or leave the shell that runs in it.",
        "environment",
        pattern(r"(?i)build target .* already exists|text file busy|use --force if you want to overwrite"),
    ),
    Cause(
        "folder-read-only",
        "The image cannot be written there",
        "The folder does not let you create files, or it does not exist.",
        "Build into a folder of your own that exists.",
        "environment",
        pattern(
            r"(?i)while creating (sif|container)[^\n]*(permission denied|read-only file system|no such file or "
            r"directory)"
        ),
    ),
)
"""Why the image cannot be written."""

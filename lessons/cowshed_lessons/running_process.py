"""Whether a process runs on this computer, and when it began."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_LARGEST = 2**31 - 1


def process_start(process: int) -> str:
    """When a process began, in the kernel's own counting: tells a process from a later one with its number.

    Empty where there is none, or the system does not say (anything but Linux).
    """
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return status.rpartition(")")[2].split()[19]


def is_running(process: int) -> bool:
    """Whether a process of this number runs. Numbers that no process can have do not."""
    if not 0 < process <= _LARGEST:
        return False
    if sys.platform == "win32":  # os.kill(process, 0) would end the process there
        import ctypes

        limited_information, still_active = 0x1000, 259
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(limited_information, False, process)
        if not handle:
            return False
        try:
            status = ctypes.c_ulong()
            return bool(kernel.GetExitCodeProcess(handle, ctypes.byref(status))) and status.value == still_active
        finally:
            kernel.CloseHandle(handle)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's process
    return True

"""Fixtures for every test."""

from __future__ import annotations

from practice_fixture import practice

__all__ = ["practice"]

"""Targets, terminals, Apptainer and the practice cluster: asyncio, without Qt."""

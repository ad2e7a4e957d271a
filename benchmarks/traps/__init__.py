"""Fifteen traps of an exhaustive search on registers, each with its guard on and off: `python -m benchmarks.traps`."""

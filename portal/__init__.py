"""The portal room: local pages for analyst, decider and DPO. Plain HTML forms, no script, loopback only."""

from __future__ import annotations

__all__: list[str] = []

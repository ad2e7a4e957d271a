"""Set before anything heavy is imported: nothing that Undring uses reports home. Importing this is enough."""

from __future__ import annotations

import os

SILENCE = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "GX_ANALYTICS_ENABLED": "false",
}

os.environ.update(SILENCE)

"""Set before anything heavy is imported: nothing that Undring uses reports home, and a crash leaves no memory behind.

Importing this is enough.
"""

from __future__ import annotations

import os
import resource

SILENCE = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "GX_ANALYTICS_ENABLED": "false",
}

os.environ.update(SILENCE)
# A core dump would hold every value that the process held. Children inherit this.
resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))

from __future__ import annotations

import os

from support.container_engine import RUNNING

collect_ignore_glob = [] if RUNNING in os.environ else ["test_*.py"]
"""`make containers` runs them, in the network of an engine that it starts, or says why it cannot."""

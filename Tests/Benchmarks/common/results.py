"""Raw figures, one JSON object a line, so that a run can be looked into later."""

import json
import os
import time


class Results:
    def __init__(self, folder, name):
        os.makedirs(folder, exist_ok=True)
        self.path = os.path.join(folder, f"{name}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.jsonl")
        self._file = open(self.path, "a", buffering=1)

    def add(self, **values):
        self._file.write(json.dumps(values) + "\n")

    def close(self):
        self._file.close()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every source, script and definition names its licence in its first three lines."""
from tree import Lint

TAG = "SPDX-License-Identifier: Apache-2.0"
KINDS = ("*.cpp", "*.hpp", "*.py", "*.sh", "*.sql", "*.proto", "*.xml", "*.conf", "*.service", "*.in", "*.rules", "*.policy",
         "meson.build", "meson_options.txt", "tools/packages")


def main():
    lint = Lint()
    scripts = [path for path in lint.files("*") if path.suffix == "" and lint.text(path).startswith("#!")]
    for path in sorted({*lint.files(*KINDS), *scripts}):
        if not any(TAG in line for _, line in lint.lines(path)[:3]):
            lint.fault(path, 1, f"no '{TAG}' in the first three lines")
    lint.end()


main()

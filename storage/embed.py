#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Writes a text file as a C++ header with one raw string: embed.py INPUT OUTPUT NAME
import sys

source, target, name = sys.argv[1:]
text = open(source, encoding="utf-8").read()
assert ')text"' not in text
with open(target, "w", encoding="utf-8") as out:
    out.write(f'#pragma once\nnamespace factord::storage {{\ninline constexpr char {name}[] = R"text({text})text";\n}}\n')

// SPDX-License-Identifier: Apache-2.0
// Makes a good ceremony, changes it, signs it anew, and compares the daemon's verdict with that of the table of
// changes. One thread.
#pragma once

#include "tests/fuzz/ceremony/change.hpp"

namespace factord::fuzz {

// The formats and algorithms that good ceremonies are made of; a format that cannot be with an algorithm is left out.
struct Kind {
  bool registering;
  tests::Format format;
  int algorithm;
};
const std::vector<Kind>& all_kinds();

// Nothing where the verdict is as it should be, else what is wrong with it, with all that is needed to see it again.
std::string disagreement(Scene& scene);

void apply(const Change& change, Scene& scene, Choices& choices);

// A ceremony whose kind, changes and their details are all chosen by `bytes`.
std::string run_ceremony(core::ByteView bytes);

}  // namespace factord::fuzz

// SPDX-License-Identifier: Apache-2.0
// ceremony --rounds N --seed S: every change alone on every kind of ceremony, then N ceremonies with changes by chance.
// The same as the fuzz target, for compilers without an engine that steers.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "tests/fuzz/ceremony/ceremony.hpp"
#include "tests/support/fixed.hpp"

namespace factord::fuzz {
namespace {

// Of each change alone, with other details. A model of its own has several ways to come out.
int tries(const Change& change, const Scene& scene) { return std::strcmp(change.step(scene), judged) == 0 ? 16 : 3; }

struct Tally {
  unsigned good = 0, wrong = 0;

  void count(const std::string& disagreement) {
    disagreement.empty() ? ++good : ++wrong;
    if (!disagreement.empty() && wrong <= 10) std::printf("%s", disagreement.c_str());
  }
};

core::Bytes drawn(core::Random& random) {
  core::Bytes out(64);
  random.fill(out);
  return out;
}

void each_alone(core::Random& random, Tally& tally) {
  for (const Change& change : all_changes()) {
    bool made = false;
    for (const Kind& kind : all_kinds())
      for (int i = 0, end = 1; i < end; ++i) {
        const core::Bytes bytes = drawn(random);
        Choices choices(bytes);
        Scene scene(kind.registering, kind.format, kind.algorithm);
        end = tries(change, scene);
        apply(change, scene, choices);
        if (scene.changes.empty()) break;
        made = true;
        tally.count(disagreement(scene));
      }
    if (!made) tally.count(std::string(change.name) + ": fits no ceremony\n");
  }
}

int run(unsigned long rounds, std::uint64_t seed) {
  tests::CountingRandom random;
  random.state = seed;
  Tally tally;
  each_alone(random, tally);
  for (; rounds > 0; --rounds) tally.count(run_ceremony(drawn(random)));
  std::printf("seed %llu\n%u passed, %u failed\n", static_cast<unsigned long long>(seed), tally.good, tally.wrong);
  return tally.wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace factord::fuzz

int main(int count, char** words) {
  unsigned long rounds = 20'000;
  std::uint64_t seed = 1;
  for (int i = 1; i + 1 < count; i += 2) {
    if (std::strcmp(words[i], "--rounds") == 0) rounds = std::strtoul(words[i + 1], nullptr, 10);
    if (std::strcmp(words[i], "--seed") == 0) seed = std::strtoull(words[i + 1], nullptr, 10);
  }
  try {
    return factord::fuzz::run(rounds, seed);
  } catch (const std::exception& error) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), error.what());
    return EXIT_FAILURE;
  }
}

// SPDX-License-Identifier: Apache-2.0
// Random lives of a daemon against a small model of it: users, callers and clocks of all sorts, calls in flight, lost
// batches, kills and restarts. FACTORD_MODEL_SEED replays the episode with that seed, which a failure names, alone.
// FACTORD_MODEL_SECONDS runs so long, with lives that nobody has seen; without it they are the same ones each time, 200
// at most, so that what fails then has been changed.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/model/episode.hpp"

using namespace factord::tests::model;

namespace {

using Clock = std::chrono::steady_clock;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t usual_seconds = 5;
#else
constexpr std::uint64_t usual_seconds = 20;
#endif

constexpr std::uint64_t usual_seed = 1, usual_lives = 200;

std::optional<std::uint64_t> setting(const char* name) {
  const char* const text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

// A number that can be read and typed.
std::uint64_t some_seed() {
  const auto now = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
  return (now / 1000 + static_cast<std::uint64_t>(getpid()) * 1'000'003) % 1'000'000'000;
}

// Empty where daemon and model agreed to the end.
std::string story_of(std::uint64_t seed, std::size_t& steps) {
  Episode episode(seed);
  const std::size_t length = 50 + episode.dice().below(1500);
  std::string difference;
  try {
    episode.run(length);
  } catch (const std::exception& departure) {
    difference = departure.what();
  }
  steps += episode.steps();
  if (difference.empty()) return "";
  std::string story = "FACTORD_MODEL_SEED=" + std::to_string(seed) + ", the last calls:\n";
  for (const std::string& words : episode.history()) story += "  " + words + "\n";
  return story + difference;
}

}  // namespace

TEST_CASE("the daemon does what the model says, over random calls, clocks, losses, kills and restarts") {
  const auto only = setting("FACTORD_MODEL_SEED");
  const auto end = Clock::now() + std::chrono::seconds(setting("FACTORD_MODEL_SECONDS").value_or(usual_seconds));
  const bool timed = setting("FACTORD_MODEL_SECONDS").has_value();
  const std::uint64_t first = only.value_or(timed ? some_seed() : usual_seed);
  std::size_t steps = 0;
  std::uint64_t seed = first;
  std::printf("model: seeds from %llu\n", static_cast<unsigned long long>(first));
  do {
    const std::string story = story_of(seed++, steps);
    if (!story.empty()) std::printf("%s\n", story.c_str());
    REQUIRE(story.empty());
  } while (!only && Clock::now() < end && (timed || seed - first < usual_lives));
  std::printf("model: %llu episodes, %zu steps\n", static_cast<unsigned long long>(seed - first), steps);
  CHECK(steps > 0);
}

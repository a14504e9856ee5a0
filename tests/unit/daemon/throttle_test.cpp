// SPDX-License-Identifier: Apache-2.0
#include "daemon/throttle.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

using namespace factord;
using namespace std::chrono_literals;
using daemon::Guesses;
using daemon::Lockout;

namespace {

constexpr core::Time start{std::chrono::seconds(1'770'000'000)};
const Lockout usual;

void fail(Guesses& guesses, core::Time now, int times, const Lockout& lockout = usual) {
  for (int i = 0; i < times; ++i) daemon::charge(guesses, now, lockout);
}

// Fills the hour with failures of others, a second apart.
Guesses crowded(core::Time first) {
  Guesses guesses;
  for (std::size_t i = 0; i < daemon::failures_an_hour; ++i) {
    Guesses other{.own = {}, .all = std::move(guesses.all)};
    daemon::charge(other, first + std::chrono::seconds(i), usual);
    guesses.all = std::move(other.all);
  }
  return guesses;
}

}  // namespace

TEST_CASE("the fifth failure in a row locks for half a minute, and no other before it") {
  Guesses guesses;
  for (int i = 0; i < 4; ++i) {
    CHECK_FALSE(daemon::charge(guesses, start, usual));
    CHECK(daemon::wait_before(guesses, start) == 0s);
  }
  CHECK(daemon::charge(guesses, start, usual));
  CHECK(daemon::wait_before(guesses, start) == 30s);
  CHECK(daemon::wait_before(guesses, start + 10s) == 20s);
  CHECK(daemon::wait_before(guesses, start + 30s) == 0s);
}

TEST_CASE("each lock takes twice as long as the one before, and none longer than an hour") {
  Guesses guesses;
  core::Time now = start;
  for (const auto expected : {30s, 60s, 120s, 240s, 480s, 960s, 1920s, 3600s, 3600s, 3600s}) {
    fail(guesses, now, 5);
    CHECK(daemon::wait_before(guesses, now) == expected);
    now += expected;
  }
}

TEST_CASE("locks of another length, and a first one that is longer than the longest") {
  const Lockout patient{.attempts = 2, .first = 7s, .longest = 20s};
  Guesses guesses;
  core::Time now = start;
  for (const auto expected : {7s, 14s, 20s, 20s}) {
    CHECK_FALSE(daemon::charge(guesses, now, patient));
    CHECK(daemon::charge(guesses, now, patient));
    CHECK(daemon::wait_before(guesses, now) == expected);
    now += expected;
  }
  Guesses others;
  CHECK(daemon::charge(others, start, {.attempts = 1, .first = 60s, .longest = 10s}));
  CHECK(daemon::wait_before(others, start) == 10s);
}

TEST_CASE("a success forgets failures and locks, also the one that its own charge has begun") {
  Guesses guesses;
  fail(guesses, start, 5);
  const core::Time later = start + 30s;
  fail(guesses, later, 4);
  CHECK(daemon::charge(guesses, later, usual));
  daemon::take_back(guesses, later, later);
  CHECK(daemon::wait_before(guesses, later) == 0s);
  CHECK(guesses.own.last_success == later);
  fail(guesses, later, 5);
  CHECK(daemon::wait_before(guesses, later) == 30s);
}

TEST_CASE("a success does not count among the failures of the hour, those before it do") {
  Guesses guesses;
  fail(guesses, start, 3);
  daemon::charge(guesses, start + 1s, usual);
  daemon::take_back(guesses, start + 1s, start + 2s);
  CHECK(guesses.all.recent == std::vector<core::Time>(3, start));
}

TEST_CASE("after a hundred failures of whomever within an hour strangers wait until the first is an hour old") {
  Guesses guesses = crowded(start);
  const core::Time now = start + 100s;
  CHECK(daemon::wait_before(guesses, now) == 1h - 100s);
  CHECK(daemon::wait_before(guesses, start + 1h - 1us) == 1us);
  CHECK(daemon::wait_before(guesses, start + 1h) == 0s);
  guesses.all.recent.pop_back();
  CHECK(daemon::wait_before(guesses, now) == 0s);
}

TEST_CASE("failures that lie in another order, by a clock that was set back, count by their times") {
  Guesses guesses = crowded(start);
  std::ranges::reverse(guesses.all.recent);
  CHECK(daemon::wait_before(guesses, start + 100s) == 1h - 100s);
  daemon::charge(guesses, start + 1s, usual);
  CHECK(daemon::wait_before(guesses, start + 1h) == 1s);
  CHECK(daemon::wait_before(guesses, start + 1h + 1s) == 0s);
}

TEST_CASE("who was right within thirty days is served all the same") {
  Guesses guesses = crowded(start);
  const core::Time now = start + 100s;
  guesses.own.last_success = now - 30 * 24h + 1us;
  CHECK(daemon::wait_before(guesses, now) == 0s);
  guesses.own.last_success = now - 30 * 24h;
  CHECK(daemon::wait_before(guesses, now) > 0s);
  guesses.own.last_success = now - 1h;
  fail(guesses, now, 5);
  CHECK(daemon::wait_before(guesses, now) == 30s);
}

TEST_CASE("failures older than an hour are forgotten, and what is kept has an end") {
  Guesses guesses = crowded(start);
  daemon::charge(guesses, start + 1h + 50s, usual);
  CHECK(guesses.all.recent.size() == 50);
  const Lockout never{.attempts = 1'000'000};
  fail(guesses, start + 1h + 50s, 1000, never);
  CHECK(guesses.all.recent.size() == 2 * daemon::failures_an_hour);
}

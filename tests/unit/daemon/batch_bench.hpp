// SPDX-License-Identifier: Apache-2.0
// A batch over a store of its own, on a loop that a test turns by hand, and those who wait for the commit.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/batch.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/loop.hpp"
#include "tests/unit/storage/place.hpp"

namespace factord::tests {

inline const auto alice = Mint::account("alice", 1000);
inline constexpr char unavailable[] = "FACTORD-Ava1";

struct Refused {};

// Somebody who waits to be told: "" for success, the failure's id otherwise.
struct Told {
  std::optional<std::string> news;
  std::function<void(std::exception_ptr)> take() {
    return [this](std::exception_ptr lost) {
      CHECK_FALSE(news);
      news = failure_of([&] {
        if (lost) std::rethrow_exception(lost);
      });
    };
  }
  explicit operator bool() const { return news.has_value(); }
};

struct BatchBench {
  Loop loop;
  Place place;
  // However slow this machine is, no batch ends for its age.
  static constexpr std::chrono::hours ageless{1};
  std::optional<daemon::Batch> batch{std::in_place, loop.get(), *place.store,
                                     daemon::Batch::Bounds{.shortest = ageless}};

  std::exception_ptr add(const std::string& id) {
    return batch->attempt(ipc::Effect::writes, [&] { place.store->of(alice).add(totp(id), seed(), change()); });
  }
  std::exception_ptr add_and_refuse(const std::string& id) {
    return batch->attempt(ipc::Effect::writes, [&] {
      place.store->of(alice).add(totp(id), seed(), change());
      throw Refused();
    });
  }
  std::exception_ptr look() {
    return batch->attempt(ipc::Effect::reads, [&] { place.store->of(alice).factors(); });
  }
  // Never without the window, however quick this machine's disk is.
  void on_slow_disk() {
    batch.emplace(loop.get(), *place.store, daemon::Batch::Bounds{.shortest = ageless, .flush = std::chrono::hours(1)});
  }
  // All that is due now is done.
  void come_to_rest() const {
    while (loop.turn()) continue;
  }
  void tell(Told& told) { batch->when_durable(told.take()); }
  void settle(Told& told) {
    loop.until([&] { return bool(told); });
  }
  // What is there for good.
  std::vector<std::string> kept() {
    std::vector<std::string> ids;
    for (const auto& factor : place.store->of(alice).factors()) ids.push_back(factor.id);
    return ids;
  }
};

}  // namespace factord::tests

// SPDX-License-Identifier: Apache-2.0
// Everything that a model run leaves to chance, from one seed: the same seed, the same run.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "tests/support/fixed.hpp"

namespace factord::tests::model {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) { random_.state = seed * 0xd1342543de82ef95; }

  // 0 to limit - 1.
  std::uint64_t below(std::uint64_t limit) {
    std::uint64_t number = 0;
    random_.fill({reinterpret_cast<std::uint8_t*>(&number), sizeof number});
    return number % limit;
  }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
  }
  bool percent(std::uint64_t chance) { return below(100) < chance; }
  template <typename Thing>
  const Thing& one_of(const std::vector<Thing>& things) {
    if (things.empty()) throw std::logic_error("one of none");
    return things[below(things.size())];
  }

 private:
  CountingRandom random_;
};

}  // namespace factord::tests::model

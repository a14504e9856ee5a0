// SPDX-License-Identifier: Apache-2.0
#include "daemon/derivations.hpp"

#include <string>
#include <vector>

#include "core/error.hpp"
#include "tests/support/catch.hpp"

using namespace factord;
using daemon::Derivations;

namespace {

using Places = std::vector<std::shared_ptr<const Derivations::Place>>;

// As many as this uid gets.
std::size_t fill(Derivations& derivations, Places& places, uid_t uid) {
  for (std::size_t got = 0;; ++got) try {
      places.push_back(derivations.admit(uid));
    } catch (const core::Error& error) {
      CHECK(error.id() == "FACTORD-Quo1");
      return got;
    }
}

std::string refusal(Derivations& derivations, uid_t uid) try {
  derivations.admit(uid);
  return {};
} catch (const core::Error& error) {
  return error.what();
}

}  // namespace

TEST_CASE("one uid gets a few places, and leaves some to others") {
  Derivations derivations;
  Places places;
  CHECK(fill(derivations, places, 1000) == 6);
  CHECK(fill(derivations, places, 1001) >= 4);
  CHECK(fill(derivations, places, 1002) >= 2);
  CHECK(fill(derivations, places, 1003) >= 1);
}

TEST_CASE("all together get no more than there are, root too") {
  Derivations derivations;
  Places places;
  CHECK(fill(derivations, places, 0) == Derivations::of_all);
  CHECK(fill(derivations, places, 1000) == 0);
  CHECK(refusal(derivations, 1000) == "Limit Derivations=18 is reached (FACTORD-Quo1)");
}

TEST_CASE("a place that is given back is another's") {
  Derivations derivations;
  Places places;
  fill(derivations, places, 1000);
  CHECK(refusal(derivations, 1000) == "Limit DerivationsPerUid=6 is reached (FACTORD-Quo1)");
  places.pop_back();
  CHECK(derivations.admit(1000) != nullptr);
  places.clear();
  CHECK(fill(derivations, places, 0) == Derivations::of_all);
}

// SPDX-License-Identifier: Apache-2.0
// Fills a store that no daemon uses with users of one organization, a TOTP factor each: what a benchmark is to find
// beside its own.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "core/clock.hpp"
#include "storage/owner_view.hpp"
#include "storage/store.hpp"
#include "tests/support/mint.hpp"

using namespace factord;

namespace {

constexpr std::size_t users_at_once = 1000;

// Of a throw-away store.
core::Secret key_in(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  return core::Secret::copy_of({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

void add(storage::Store& store, std::size_t number, const storage::Change& change) {
  storage::OwnerView view = store.of(tests::Mint::registered("fill", "user-" + std::to_string(number)));
  view.add_user("", change);
  storage::Factor factor;
  factor.id = std::to_string(number);
  factor.kind = storage::Kind::totp;
  factor.state = storage::State::ready;
  factor.totp = {"SHA1", 6, 30, std::nullopt};
  view.add(factor, core::Bytes(20, static_cast<unsigned char>(number)), change);
}

}  // namespace

// fill DIRECTORY KEY_FILE USERS
int main(int argc, char** argv) try {
  if (argc != 4) throw std::runtime_error("takes DIRECTORY KEY_FILE USERS");
  core::SystemRandom random;
  const core::Secret key = key_in(argv[2]);
  const auto store = storage::Store::open(argv[1], &key, {}, random);
  const storage::Change change{core::SystemClock().now(), 0};
  const std::size_t users = std::strtoul(argv[3], nullptr, 10);
  for (std::size_t number = 0; number < users;) {
    store->begin();
    for (const std::size_t end = std::min(users, number + users_at_once); number < end; ++number)
      add(*store, number, change);
    store->commit();
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "fill: %s\n", error.what());
  return 1;
}

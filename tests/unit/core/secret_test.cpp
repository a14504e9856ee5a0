// SPDX-License-Identifier: Apache-2.0
#include "core/secret.hpp"

#include <algorithm>
#include <concepts>
#include <ostream>
#include <type_traits>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/support/fixed.hpp"

using namespace factord;
using core::Secret;

TEST_CASE("a new secret is zeros") {
  for (std::size_t size : {1u, 20u, 32u, 4096u, 10'000u}) {
    const Secret secret(size);
    CHECK(secret.size() == size);
    CHECK(std::ranges::all_of(secret.view(), [](std::uint8_t byte) { return byte == 0; }));
  }
}

TEST_CASE("an empty secret may be asked everything") {
  for (const Secret& secret : {Secret(), Secret(0)}) {
    CHECK(secret.empty());
    CHECK(secret.size() == 0);
    CHECK(secret.view().empty());
    CHECK(secret.text().empty());
  }
}

TEST_CASE("a secret made from bytes has memory of its own") {
  core::Bytes bytes{1, 2, 3};
  const Secret secret = Secret::copy_of(bytes);
  bytes[0] = 9;
  CHECK(std::ranges::equal(secret.view(), core::Bytes{1, 2, 3}));
}

TEST_CASE("a random secret is what the generator gave") {
  tests::CountingRandom random, again;
  const Secret secret = Secret::random(32, random);
  core::Bytes drawn(32);
  again.fill(drawn);
  CHECK(std::ranges::equal(secret.view(), drawn));
}

TEST_CASE("moving a secret moves its memory and leaves nothing behind") {
  Secret from = Secret::copy_of(core::bytes_of("key"));
  const std::uint8_t* const memory = from.view().data();
  Secret to = std::move(from);
  CHECK(to.text() == "key");
  CHECK(to.view().data() == memory);
  CHECK(from.empty());  // NOLINT: what is left behind is the promise
  CHECK(from.view().data() == nullptr);
}

TEST_CASE("assigning a secret takes the new one over") {
  Secret target = Secret::copy_of(core::bytes_of("old"));
  target = Secret::copy_of(core::bytes_of("newer"));
  CHECK(target.text() == "newer");
}

TEST_CASE("a shrunk secret keeps its beginning and wipes the rest") {
  Secret secret = Secret::copy_of(core::bytes_of("secret seed"));
  const std::uint8_t* const cut = secret.view().data() + 6;
  secret.shrink(6);
  CHECK(secret.text() == "secret");
  // Still this secret's memory, so it may be looked at.
  CHECK(std::all_of(cut, cut + 5, [](std::uint8_t byte) { return byte == 0; }));
}

TEST_CASE("shrinking never makes a secret longer") {
  Secret secret = Secret::copy_of(core::bytes_of("abc"));
  secret.shrink(5);
  CHECK(secret.size() == 3);
  secret.shrink(3);
  CHECK(secret.text() == "abc");
  secret.shrink(0);
  CHECK(secret.empty());
}

TEST_CASE("a secret can be written where it lives") {
  Secret secret(3);
  std::ranges::copy(core::bytes_of("abc"), secret.bytes().begin());
  CHECK(secret.text() == "abc");
}

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

TEST_CASE("a secret can be neither copied nor printed") {
  STATIC_REQUIRE(!std::is_copy_constructible_v<Secret>);
  STATIC_REQUIRE(!std::is_copy_assignable_v<Secret>);
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<Secret>);
  STATIC_REQUIRE(!Printable<Secret>);
  STATIC_REQUIRE(!std::convertible_to<Secret, std::string_view>);
}

TEST_CASE("a secret larger than the memory there is throws") {
  CHECK_THROWS_AS(Secret(std::size_t(-1) / 2), std::bad_alloc);
}

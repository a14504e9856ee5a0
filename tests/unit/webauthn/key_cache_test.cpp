// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/key_cache.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/crypto_calls.hpp"
#include "tests/unit/webauthn/expectations.hpp"

using namespace factord;
using namespace factord::tests;
using webauthn::KeyCache;

namespace {

const core::Bytes message{1, 2, 3};

bool verifies(KeyCache& cache, const SoftKey& signer, const core::Bytes& cose) {
  const auto key = cache.load(cose);
  return key && key->verify({message}, signer.sign(message));
}

std::vector<core::Bytes> some_keys(int count) {
  std::vector<core::Bytes> out;
  for (int i = 0; i < count; ++i) out.push_back(SoftKey::generate(es256).cose());
  return out;
}

}  // namespace

TEST_CASE("a key of the cache verifies like the one that was parsed") {
  KeyCache cache;
  const SoftKey& signer = key_of(GENERATE(es256, eddsa, rs256, es384, es512));
  for (int i = 0; i < 3; ++i) {
    CHECK(verifies(cache, signer, signer.cose()));
    CHECK(cache.holds(signer.cose()));
    CHECK(cache.size() == 1);
  }
  CHECK_FALSE(verifies(cache, SoftKey::generate(signer.algorithm()), signer.cose()));
}

TEST_CASE("a key that the cache holds is not parsed again") {
  KeyCache cache;
  const SoftKey& signer = key_of(es256);
  const core::Bytes cose = signer.cose(), signature = signer.sign(message);
  REQUIRE(cache.load(cose));
  const FailingCall failing("EC_KEY_new");
  const auto key = cache.load(cose);
  REQUIRE(key);
  CHECK(key->verify({message}, signature));
  CHECK_FALSE(FailingCall::happened());
}

TEST_CASE("keys of the cache are told apart by their last byte, and by their length") {
  KeyCache cache;
  const SoftKey& signer = key_of(rs256);
  const core::Bytes cose = signer.cose();
  CHECK(verifies(cache, signer, cose));
  core::Bytes other = cose;
  other.back() ^= 2;  // the exponent: a key still, but another one
  CHECK_FALSE(cache.holds(other));
  CHECK_FALSE(verifies(cache, signer, other));
  other = cose;
  other.push_back(0);
  CHECK_FALSE(cache.load(other));
  CHECK(cache.size() == 2);
}

TEST_CASE("the cache holds so many keys and no more, and the one unused for longest goes") {
  KeyCache cache(3);
  const auto keys = some_keys(5);
  for (int i : {0, 1, 2}) cache.load(keys[i]);
  cache.load(keys[0]);
  CHECK(cache.holds(keys[1]));  // asking is not using
  cache.load(keys[3]);
  CHECK_FALSE(cache.holds(keys[1]));
  cache.load(keys[4]);
  CHECK_FALSE(cache.holds(keys[2]));
  for (int i : {0, 3, 4}) CHECK(cache.holds(keys[i]));
  CHECK(cache.size() == 3);
}

TEST_CASE("a cache of no size keeps nothing, and still gives keys") {
  KeyCache cache(0);
  CHECK(verifies(cache, key_of(es256), key_of(es256).cose()));
  CHECK(cache.size() == 0);
}

TEST_CASE("a key that does not parse is not kept") {
  KeyCache cache;
  core::Bytes off_the_curve = key_of(es256).cose();
  off_the_curve.back() ^= 1;
  for (const auto& cose : {off_the_curve, core::Bytes{}, core::Bytes{0xa0}}) {
    CHECK_FALSE(cache.load(cose));
    CHECK_FALSE(cache.holds(cose));
  }
  CHECK(cache.size() == 0);
}

TEST_CASE("threads that load, use and push out the same keys do not disturb each other") {
  KeyCache cache(2);
  const SoftKey& signer = key_of(es256);
  const core::Bytes signature = signer.sign(message);
  auto keys = some_keys(3);
  keys.push_back(signer.cose());
  std::atomic<int> wrong = 0;
  const auto work = [&](std::size_t first) {
    for (std::size_t i = 0; i < 400; ++i) {
      const std::size_t which = (first + i * 3) % keys.size();
      const auto key = cache.load(keys[which]);
      wrong += !key || key->verify({message}, signature) != (which == keys.size() - 1);
      wrong += cache.size() > 2;
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 4; ++i) threads.emplace_back(work, i);
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(cache.size() == 2);
}

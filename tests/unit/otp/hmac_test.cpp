// SPDX-License-Identifier: Apache-2.0
// Each check runs on a thread of its own, since a thread keeps its contexts.
#include "daemon/otp/hmac.hpp"

#include <algorithm>
#include <new>
#include <string>
#include <thread>

#include "core/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/otp/mac_calls.hpp"

using namespace factord;
using tests::MacCall;
using tests::MacCalls;

namespace {

const core::ByteView key = core::bytes_of("12345678901234567890");

template <typename Body>
void on_new_thread(Body body) {
  std::thread(body).join();
}

std::string code() { return otp::code_at(key, 1, {}); }

// The code, or the reason why there is none: Catch2 2 checks on the main thread alone.
std::string outcome() {
  try {
    return code();
  } catch (const core::Error& error) {
    return error.code() == core::Code::internal ? "internal" : "another error";
  }
}

}  // namespace

TEST_CASE("an OpenSSL that fails at any step of an HMAC gives an internal error, never a code") {
  const MacCall step = GENERATE(MacCall::fetch, MacCall::make_context, MacCall::set_parameters, MacCall::init,
                                MacCall::update, MacCall::final);
  INFO("step " << static_cast<int>(step));
  MacCalls calls;
  std::string first, second;
  on_new_thread([&] {
    calls.fail(step);
    first = outcome();
    second = outcome();
  });
  CHECK(first == "internal");
  CHECK(second == "287082");
}

TEST_CASE("an OpenSSL that fails to start over with the key gives an internal error") {
  MacCalls calls;
  std::string got;
  on_new_thread([&] {
    calls.fail(MacCall::init, 2);
    got = outcome();
  });
  CHECK(got == "internal");
}

TEST_CASE("an OpenSSL that refuses the second key does not go on with the first one") {
  MacCalls calls;
  std::string first, second;
  on_new_thread([&] {
    first = outcome();
    calls.fail(MacCall::init);
    second = outcome();
  });
  CHECK(first == "287082");
  CHECK(second == "internal");
}

TEST_CASE("a thread makes one context for each hash and frees it at its end") {
  MacCalls calls;
  on_new_thread([&] {
    for (int i = 0; i < 3; ++i) {
      outcome();
      otp::code_at(key, 1, {otp::Algorithm::sha256, 6, 30});
    }
  });
  CHECK(calls.count(MacCall::make_context) == 2);
  CHECK(calls.count(MacCall::end_context) >= 2);
}

TEST_CASE("what was fetched is freed once the context has it") {
  MacCalls calls;
  on_new_thread([&] {
    calls.fail(MacCall::make_context);
    outcome();
  });
  CHECK(calls.count(MacCall::fetch) == 1);
  CHECK(calls.count(MacCall::end_fetched) >= 1);
}

TEST_CASE("after use the context holds no seed") {
  MacCalls calls;
  on_new_thread([] { code(); });
  CHECK(calls.last_key() == std::vector<std::uint8_t>{0});
}

TEST_CASE("after use the memory of the tag holds zeros") {
  alignas(otp::Hmac) unsigned char memory[sizeof(otp::Hmac)];
  const auto hmac = new (memory) otp::Hmac(otp::Algorithm::sha512, key);
  const core::ByteView tag = hmac->of(1);
  const auto* begin = tag.data();
  REQUIRE(tag.size() == 64);
  REQUIRE(std::any_of(begin, begin + 64, [](auto byte) { return byte != 0; }));
  hmac->~Hmac();
  CHECK(std::all_of(begin, begin + 64, [](auto byte) { return byte == 0; }));
}

TEST_CASE("a text that is no code is refused before the seed is touched") {
  const auto text = GENERATE("", "05047", "0504711", "05047a", "05047/", "05047:", "-50471", "050471\n");
  INFO(text);
  MacCalls calls;
  CHECK_FALSE(otp::matching_step(key, text, 1111111111, {}, 1, {}));
  CHECK(calls.count(MacCall::init) == 0);
}

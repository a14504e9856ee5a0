// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <string>

#include "core/error.hpp"
#include "daemon/otp/totp.hpp"
#include "tests/support/catch.hpp"

using namespace factord;
using otp::matching_step;
using otp::Window;
using Step = std::optional<std::uint64_t>;

namespace {

const core::ByteView key = core::bytes_of("12345678901234567890");
constexpr std::uint64_t now = 1111111111;
constexpr std::uint64_t step = now / 30;
constexpr std::uint64_t latest = std::numeric_limits<std::uint64_t>::max();

Step match(std::string_view code, std::uint64_t at = now, Window window = {1, 1}, Step last_used = {}) {
  return matching_step(key, code, at, {}, window, last_used);
}

std::string code_of(std::uint64_t counter) { return otp::code_at(key, counter, {}); }

// Two neighbouring steps of this key whose codes are the same digits.
constexpr std::uint64_t twin = 57766335;
constexpr std::string_view twin_code = "251166";

}  // namespace

TEST_CASE("the code of the present step matches it") { CHECK(match("050471") == step); }

TEST_CASE("seeds have the same codes where they differ in zeros at the end alone") {
  const core::Bytes longer = {'1', '2', '3', 0, 0}, other = {'1', '2', '4'}, inner = {'1', '2', 0, '3'};
  const core::ByteView seed = core::bytes_of("123");
  CHECK(otp::same_codes(seed, seed));
  CHECK(otp::same_codes(seed, longer));
  CHECK(otp::same_codes(longer, seed));
  CHECK(otp::code_at(seed, step, {}) == otp::code_at(longer, step, {}));
  CHECK_FALSE(otp::same_codes(seed, other));
  CHECK_FALSE(otp::same_codes(seed, inner));
  CHECK_FALSE(otp::same_codes(seed, core::bytes_of("1234")));
}

TEST_CASE("the window ends where it is said to end") {
  const Window window = GENERATE(Window{0, 0}, Window{1, 0}, Window{0, 1}, Window{1, 1}, Window{3, 2});
  INFO("back " << window.back << ", forward " << window.forward);
  CHECK(match(code_of(step - window.back), now, window) == step - window.back);
  CHECK(match(code_of(step + window.forward), now, window) == step + window.forward);
  CHECK_FALSE(match(code_of(step - window.back - 1), now, window));
  CHECK_FALSE(match(code_of(step + window.forward + 1), now, window));
}

TEST_CASE("a skew is a window of the same width on both sides") {
  CHECK(matching_step(key, code_of(step - 2), now, {}, 2, {}) == step - 2);
  CHECK(matching_step(key, code_of(step + 2), now, {}, 2, {}) == step + 2);
  CHECK_FALSE(matching_step(key, code_of(step + 3), now, {}, 2, {}));
}

TEST_CASE("a window is one step wide on both sides unless it says otherwise") {
  CHECK(match(code_of(step - 1), now, Window{}) == step - 1);
  CHECK(match(code_of(step + 1), now, Window{}) == step + 1);
  CHECK_FALSE(match(code_of(step - 2), now, Window{}));
  CHECK_FALSE(match(code_of(step + 2), now, Window{}));
}

TEST_CASE("a window wider than the widest is cut") {
  const Window huge{4294967295u, 4294967295u};
  CHECK(match(code_of(step - otp::widest_window), now, huge) == step - otp::widest_window);
  CHECK_FALSE(match(code_of(step - otp::widest_window - 1), now, huge));
  CHECK_FALSE(match(code_of(step + otp::widest_window + 1), now, huge));
}

TEST_CASE("a step begins and ends with its period") {
  for (std::uint64_t at : {step * 30, step * 30 + 29}) CHECK(match(code_of(step), at, {0, 0}) == step);
  CHECK_FALSE(match(code_of(step), step * 30 - 1, {0, 0}));
  CHECK_FALSE(match(code_of(step), step * 30 + 30, {0, 0}));
}

TEST_CASE("a code is accepted once") {
  CHECK(match("050471", now, {1, 1}, step - 1) == step);
  CHECK_FALSE(match("050471", now, {1, 1}, step));
}

TEST_CASE("a code older than the last accepted one is spent") {
  CHECK_FALSE(match(code_of(step - 1), now, {1, 1}, step));
  CHECK_FALSE(match(code_of(step), now, {1, 1}, step + 1));
}

TEST_CASE("a code newer than the last accepted one is fresh") {
  CHECK(match(code_of(step + 1), now, {1, 1}, step) == step + 1);
}

TEST_CASE("step 0 may have been used, which is not the same as none used") {
  CHECK(match("755224", 0) == 0u);
  CHECK_FALSE(match("755224", 0, {1, 1}, 0));
}

TEST_CASE("a fresh code with the digits of the spent one before it is no replay") {
  REQUIRE(code_of(twin) == twin_code);
  REQUIRE(code_of(twin + 1) == twin_code);
  CHECK(match(twin_code, twin * 30) == twin);
  CHECK(match(twin_code, (twin + 1) * 30, {1, 1}, twin) == twin + 1);
  CHECK_FALSE(match(twin_code, (twin + 1) * 30 + 1, {1, 1}, twin + 1));
}

TEST_CASE("of two steps with the same digits the present one is taken, so that none of them passes at once again") {
  CHECK(match(twin_code, (twin + 1) * 30) == twin + 1);
}

TEST_CASE("of two steps with the same digits, none of them present, the earlier one is taken") {
  CHECK(match(twin_code, (twin - 1) * 30, {2, 2}) == twin);
  CHECK(match(twin_code, (twin + 2) * 30, {2, 2}) == twin);
}

TEST_CASE("at the beginning of time the window does not reach the end of it") {
  CHECK_FALSE(match(code_of(latest), 0));
  CHECK_FALSE(match(code_of(latest >> 1), 0));
  CHECK(match("755224", 0) == 0u);
  CHECK(match("755224", 59) == 0u);
}

TEST_CASE("the last second of 64 bits overflows nothing") {
  const otp::Parameters shortest{otp::Algorithm::sha1, 6, 15};
  const std::uint64_t end = latest / 15;
  const Window widest{otp::widest_window, otp::widest_window};
  CHECK(matching_step(key, code_of(end), latest, shortest, widest, {}) == end);
  CHECK(matching_step(key, code_of(end + 10), latest, shortest, widest, end) == end + 10);
  CHECK_FALSE(matching_step(key, code_of(0), latest, shortest, widest, {}));
}

TEST_CASE("blanks in a code are left out") {
  for (auto code : {"050 471", " 050471", "050471 ", "0 5 0 4 7 1", "050\t471", "050\u00a0471", "050\u202f471"}) {
    INFO(code);
    CHECK(match(code) == step);
  }
}

TEST_CASE("line breaks and other characters make it no code") {
  for (auto code : {"050471\n", "\r050471", "050\n471", "0x0504", "-050471", "+050471", "050471.0", "05047a", "050-471",
                    "050\u200b471", "050471\u0301"}) {
    INFO(code);
    CHECK_FALSE(match(code));
  }
}

TEST_CASE("digits of other scripts are no digits") {
  CHECK_FALSE(match("\uff10\uff15\uff10\uff14\uff17\uff11"));
  CHECK_FALSE(match("\u0660\u0665\u0660\u0664\u0667\u0661"));
}

TEST_CASE("a zero byte is no digit and ends nothing") {
  CHECK_FALSE(match(std::string_view("050471\0", 7)));
  CHECK_FALSE(match(std::string_view("050471\0000", 8)));
}

TEST_CASE("a broken sequence at the end of a code is no blank") {
  CHECK_FALSE(match("050471\xc2"));
  CHECK_FALSE(match("050471\xe2\x80"));
}

TEST_CASE("a code has as many digits as the factor says") {
  for (auto code : {"", " ", "5", "50471", "81804", "0050471", "0504710", "14050471"}) {
    INFO(code);
    CHECK_FALSE(match(code));
  }
  CHECK(matching_step(key, "14050471", now, {otp::Algorithm::sha1, 8, 30}, 1, {}) == step);
  CHECK_FALSE(matching_step(key, "050471", now, {otp::Algorithm::sha1, 8, 30}, 1, {}));
}

TEST_CASE("a very long code is refused") {
  CHECK_FALSE(match(std::string(1'000'000, '9')));
  CHECK_FALSE(match("050471" + std::string(1'000'000, '9')));
}

TEST_CASE("a wrong code matches nothing") { CHECK_FALSE(match("000000")); }

TEST_CASE("the period sets the step") {
  CHECK(matching_step(key, "646852", 1234567890, {otp::Algorithm::sha1, 6, 15}, 0, {}) == 1234567890u / 15);
  CHECK_FALSE(matching_step(key, "646852", 1234567890, {}, 1, {}));
}

TEST_CASE("parameters that no factor may have are an internal error, not a division by zero") {
  CHECK_THROWS_AS(matching_step(key, "050471", now, {otp::Algorithm::sha1, 6, 0}, 1, {}), core::Error);
  CHECK_THROWS_AS(matching_step(key, "0504712345", now, {otp::Algorithm::sha1, 10, 30}, 1, {}), core::Error);
  CHECK_THROWS_AS(matching_step({}, "050471", now, {}, 1, {}), core::Error);
}

// SPDX-License-Identifier: Apache-2.0
#include "daemon/otp/percent.hpp"

#include <string>

#include "core/bytes.hpp"
#include "tests/support/catch.hpp"

using namespace factord;
using namespace factord::otp;

namespace {

std::optional<std::string> decode(std::string_view text, Plus plus = Plus::plain) {
  core::Bytes out(text.size());
  const auto size = percent_decode(text, plus, out);
  if (!size) return std::nullopt;
  return std::string(core::text_of(out).substr(0, *size));
}

}  // namespace

TEST_CASE("unreserved characters alone are written as they are") {
  CHECK(percent_encoded("AZaz09-._~") == "AZaz09-._~");
  CHECK(percent_encoded(" +:/?#&=%@") == "%20%2B%3A%2F%3F%23%26%3D%25%40");
  CHECK(percent_encoded("\u00fc") == "%C3%BC");
}

TEST_CASE("the unreserved characters are those of RFC 3986 section 2.3 and no others") {
  const std::string unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  for (int byte = 0; byte < 256; ++byte) {
    INFO(byte);
    const std::string text(1, static_cast<char>(byte));
    CHECK((percent_encoded(text) == text) == (unreserved.find(text) != std::string::npos));
  }
}

TEST_CASE("every byte comes back from its escape") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    CHECK(decode(percent_encoded(text)) == text);
    CHECK(decode(percent_encoded(text), Plus::blank) == text);
  }
}

TEST_CASE("escapes may have either case") { CHECK(decode("%3a%3A") == "::"); }

TEST_CASE("a plus is a blank only where it stands for one") {
  CHECK(decode("a+b") == "a+b");
  CHECK(decode("a+b", Plus::blank) == "a b");
  CHECK(decode("a%2Bb", Plus::blank) == "a+b");
}

TEST_CASE("cut and broken escapes are refused") {
  for (auto text : {"%", "%4", "%%41", "%4G", "%G4", "% 4", "a%", "%-1"}) {
    INFO(text);
    CHECK_FALSE(decode(text).has_value());
  }
}

TEST_CASE("an escape is two hexadecimal digits and nothing else") {
  const std::string digits = "0123456789abcdef", capitals = "ABCDEF";
  const auto value = [&](char c) {
    const auto capital = capitals.find(c);
    return capital == std::string::npos ? digits.find(c) : capital + 10;
  };
  std::string wrong;  // one check per pair would be 65,536 of them
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second) {
      const char high = static_cast<char>(first), low = static_cast<char>(second);
      const auto got = decode(std::string{'%', high, low});
      const bool good = value(high) < 16 && value(low) < 16;
      const std::string meant(1, static_cast<char>(value(high) * 16 + value(low)));
      if (good ? got != meant : got.has_value()) wrong += std::to_string(first) + "," + std::to_string(second) + " ";
    }
  CHECK(wrong.empty());
  CHECK(decode("%fF") == "\xff");
}

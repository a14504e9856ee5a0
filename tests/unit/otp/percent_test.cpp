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

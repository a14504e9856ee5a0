// SPDX-License-Identifier: Apache-2.0
#include "daemon/otp/written_code.hpp"

#include <array>
#include <numeric>
#include <string>

#include "tests/support/catch.hpp"

using namespace factord;

namespace {

std::string written(core::ByteView code) {
  std::array<std::uint8_t, otp::written_size> out{};
  otp::write_code(code, out);
  return std::string(core::text_of(out));
}

std::string read_back(std::string_view text) {
  const auto code = otp::read_code(text);
  return code ? written(code->view()) : "none";
}

}  // namespace

TEST_CASE("a code is sixteen letters and digits of base32 in groups of four") {
  core::Bytes code(otp::code_size);
  std::iota(code.begin(), code.end(), std::uint8_t{0});
  // python3 -c "import base64; print(base64.b32encode(bytes(range(10))).lower())"
  CHECK(written(code) == "aaaq-eaye-auda-ocaj");
  CHECK(written(core::Bytes(10, 0)) == "aaaa-aaaa-aaaa-aaaa");
  CHECK(written(core::Bytes(10, 0xff)) == "7777-7777-7777-7777");
}

TEST_CASE("case, dashes, blanks and the end of the line do not matter when a code is read") {
  for (const char* text : {"aaaq-eaye-auda-ocaj", "AAAQ-EAYE-AUDA-OCAJ", "aaaqeayeaudaocaj", "aaaq eaye auda ocaj\n",
                           "  aaaq--eaye\tauda\u00a0ocaj\r\n", "a a a q e a y e a u d a o c a j", "-aaaqeayeaudaocaj-",
                           "aaaq\u202feaye\u202fauda\u202focaj"}) {
    INFO(text);
    CHECK(read_back(text) == "aaaq-eaye-auda-ocaj");
  }
}

TEST_CASE("what is no whole code is none") {
  for (const char* text : {"", "-", "aaaq-eaye-auda-oca", "aaaq-eaye-auda-ocaja", "aaaq-eaye-auda-oca1",
                           "aaaq-eaye-auda-oca=", "aaaq-eaye-auda-oc==", "aaaq-eaye-auda-oca\u00e9",
                           "aaaq-eaye-auda-oca\u2013j", "================"}) {
    INFO(text);
    CHECK(read_back(text) == "none");
  }
  CHECK(read_back(std::string_view("aaaq-eaye-auda-oca\0", 19)) == "none");
}

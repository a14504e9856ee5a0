// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "core/error.hpp"
#include "daemon/otp/otpauth.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fixed.hpp"

using namespace factord;
using otp::Algorithm;
using otp::Enrolment;
using otp::to_uri;

namespace {

Enrolment enrolment(std::string issuer, std::string account, otp::Parameters parameters = {}) {
  const core::Bytes hello{0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x21, 0xde, 0xad, 0xbe, 0xef};
  return {std::move(issuer), std::move(account), core::Secret::copy_of(hello), parameters};
}

core::Code code_of_refusal(const Enrolment& refused) {
  try {
    to_uri(refused);
  } catch (const core::Error& error) {
    return error.code();
  }
  return core::Code::unknown;
}

}  // namespace

TEST_CASE("a URI names issuer twice and every parameter") {
  CHECK(to_uri(enrolment("Example", "alice@google.com")).text() ==
        "otpauth://totp/Example:alice%40google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example&algorithm=SHA1&digits=6"
        "&period=30");
}

TEST_CASE("without an issuer there is neither prefix nor parameter") {
  CHECK(to_uri(enrolment("", "alice", {Algorithm::sha512, 8, 60})).text() ==
        "otpauth://totp/alice?secret=JBSWY3DPEHPK3PXP&algorithm=SHA512&digits=8&period=60");
}

TEST_CASE("blanks are written as %20, and nothing as a plus") {
  const core::Secret uri = to_uri(enrolment("My Company", "Alice B+C"));
  CHECK(uri.text().starts_with("otpauth://totp/My%20Company:Alice%20B%2BC?"));
  CHECK(uri.text().find("&issuer=My%20Company&") != std::string_view::npos);
  CHECK(uri.text().find('+') == std::string_view::npos);
}

TEST_CASE("a written URI is pure ASCII without blanks and as long as its memory") {
  const core::Secret uri = to_uri(enrolment("R&D=?#/%", "J\u00fcrgen \U0001f511"));
  for (std::uint8_t byte : uri.view()) CHECK((byte > 0x20 && byte < 0x7f));
  CHECK(uri.text().ends_with("&period=30"));
}

TEST_CASE("every kind of name comes back as it was") {
  const std::string name =
      GENERATE(as<std::string>{}, "a", "alice@example.org", "Alice Smith", "R&D=?#/%", "100%", "%41", "a+b", "+", "=",
               "&secret=AAAA", "?", "#", "a/b/../c", "\\\"'<>", "J\u00fcrgen", "\u65e5\u672c\u8a9e", "\U0001f511\u200d",
               "trailing ", "tilde~dot.dash-under_", "x&issuer=y", "%3A", "otpauth://totp/x?secret=y");
  INFO(name);
  const bool has_colon = name.find(':') != std::string::npos;
  for (const std::string issuer : {"", "Example", name.c_str()}) {
    const Enrolment written = enrolment(issuer, name, {Algorithm::sha256, 7, 45});
    if (has_colon) {
      CHECK(code_of_refusal(written) == core::Code::invalid_argument);
      continue;
    }
    const auto read = otp::from_uri(to_uri(written).text());
    REQUIRE(read.has_value());
    CHECK(read->issuer == issuer);
    CHECK(read->account == name);
    CHECK(std::ranges::equal(read->seed.view(), written.seed.view()));
    CHECK(read->parameters.algorithm == Algorithm::sha256);
    CHECK(read->parameters.digits == 7);
    CHECK(read->parameters.period == 45);
  }
}

TEST_CASE("the longest names of four-byte characters come back") {
  std::string longest;
  for (int i = 0; i < 200; ++i) longest += "\U0001f511";
  const auto read = otp::from_uri(to_uri(enrolment(longest, longest)).text());
  REQUIRE(read.has_value());
  CHECK(read->issuer == longest);
  CHECK(read->account == longest);
}

TEST_CASE("seeds of every size come back") {
  tests::CountingRandom random;
  for (std::size_t size = 1; size <= 70; ++size) {
    Enrolment written = enrolment("I", "a");
    written.seed = core::Secret::random(size, random);
    const auto read = otp::from_uri(to_uri(written).text());
    REQUIRE(read.has_value());
    CHECK(std::ranges::equal(read->seed.view(), written.seed.view()));
  }
}

TEST_CASE("colons in issuer and account are refused, since apps disagree on which one parts them") {
  CHECK(code_of_refusal(enrolment("A:B", "c")) == core::Code::invalid_argument);
  CHECK(code_of_refusal(enrolment("", "b:c")) == core::Code::invalid_argument);
  CHECK(code_of_refusal(enrolment("A", ":")) == core::Code::invalid_argument);
}

TEST_CASE("names that a reader would refuse are not written") {
  for (const std::string name : {"a\nb", "\x1b[31m", "\u202eb", "\xff"}) {
    CHECK(code_of_refusal(enrolment(name, "a")) == core::Code::invalid_argument);
    CHECK(code_of_refusal(enrolment("A", name)) == core::Code::invalid_argument);
  }
  CHECK(code_of_refusal(enrolment("A", "")) == core::Code::invalid_argument);
  CHECK(code_of_refusal(enrolment("A", std::string(201, 'a'))) == core::Code::invalid_argument);
}

TEST_CASE("an enrolment that no use case can have made is an internal error") {
  CHECK(code_of_refusal(enrolment("A", "b", {Algorithm::sha1, 5, 30})) == core::Code::internal);
  CHECK(code_of_refusal(enrolment("A", "b", {Algorithm::sha1, 6, 0})) == core::Code::internal);
  CHECK(code_of_refusal({"A", "b", core::Secret(), {}}) == core::Code::internal);
}

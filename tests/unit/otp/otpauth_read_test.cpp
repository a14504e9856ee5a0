// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "core/base32.hpp"
#include "daemon/otp/otpauth.hpp"
#include "tests/support/catch.hpp"

using namespace factord;
using otp::Algorithm;
using otp::from_uri;
using otp::parse_uri;

namespace {

const core::Bytes hello{0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x21, 0xde, 0xad, 0xbe, 0xef};

std::string with(std::string_view more, std::string_view label = "Service:user") {
  return "otpauth://totp/" + std::string(label) + "?secret=JBSWY3DPEHPK3PXP" + std::string(more);
}

bool refused(std::string_view uri) { return !from_uri(uri).has_value(); }

void check_names(const std::string& uri, std::string_view issuer, std::string_view account) {
  INFO(uri);
  const auto read = from_uri(uri);
  REQUIRE(read.has_value());
  CHECK(read->issuer == issuer);
  CHECK(read->account == account);
  CHECK(std::ranges::equal(read->seed.view(), hello));
}

}  // namespace

TEST_CASE("a URI with everything is read in full") {
  const auto read = from_uri(with("&issuer=Service&algorithm=SHA512&digits=8&period=60"));
  REQUIRE(read.has_value());
  CHECK(read->issuer == "Service");
  CHECK(read->account == "user");
  CHECK(std::ranges::equal(read->seed.view(), hello));
  CHECK(read->parameters.algorithm == Algorithm::sha512);
  CHECK(read->parameters.digits == 8);
  CHECK(read->parameters.period == 60);
}

TEST_CASE("absent parameters are SHA1, 6 digits, 30 seconds") {
  const auto read = from_uri(with(""));
  REQUIRE(read.has_value());
  CHECK(read->parameters.algorithm == Algorithm::sha1);
  CHECK(read->parameters.digits == 6);
  CHECK(read->parameters.period == 30);
}

TEST_CASE("issuer and account come from the label") {
  check_names(with("", "Example:alice@google.com"), "Example", "alice@google.com");
  check_names(with("", "Example:alice%40gmail.com"), "Example", "alice@gmail.com");
  check_names(with("", "Provider1:Alice%20Smith"), "Provider1", "Alice Smith");
  check_names(with("", "foo%3abar"), "foo", "bar");
  check_names(with("", "alice"), "", "alice");
  check_names(with("", ":alice"), "", "alice");
  check_names(with("", "a/b"), "", "a/b");
  check_names(with("", "J\u00fcrgen:m\u00fcller"), "J\u00fcrgen", "m\u00fcller");
}

TEST_CASE("the issuer parameter wins over the label") {
  check_names(with("&issuer=Slack", "Slack%20(Company):guest@mailer.com"), "Slack", "guest@mailer.com");
  check_names(with("&issuer=Example", "alice"), "Example", "alice");
}

TEST_CASE("an empty issuer parameter says nothing") { check_names(with("&issuer="), "Service", "user"); }

TEST_CASE("the issuer parameter tells where a label with two colons parts") {
  check_names(with("&issuer=Text%3A%20More", "Text%3A%20More:Secret"), "Text: More", "Secret");
  check_names(with("", "Text:More:Secret"), "Text", "More:Secret");
}

TEST_CASE("blanks after the label's colon are left out") {
  check_names(with("", "Cloudflare: user@example.com"), "Cloudflare", "user@example.com");
  check_names(with("", "Cloudflare:%20%20user"), "Cloudflare", "user");
}

TEST_CASE("blanks before the account are left out where the label has no colon either") {
  check_names(with("&issuer=Cloudflare", "%20 user"), "Cloudflare", "user");
  CHECK(refused("otpauth://totp/%20?secret=JBSWY3DPEHPK3PXP"));
}

TEST_CASE("a plus is a blank in the query and itself in the label") {
  check_names(with("&issuer=My+TOTP+Code", "alice+tag@example.com"), "My TOTP Code", "alice+tag@example.com");
  check_names(with("&issuer=A%2BB", "c"), "A+B", "c");
}

TEST_CASE("escapes are decoded once") { check_names(with("", "Example%253Aalice"), "", "Example%3Aalice"); }

TEST_CASE("scheme and type may have any case, parameter names may not") {
  CHECK_FALSE(refused("OTPAUTH://ToTp/a?secret=JBSWY3DPEHPK3PXP"));
  CHECK(refused("otpauth://totp/a?SECRET=JBSWY3DPEHPK3PXP"));
}

TEST_CASE("parameters may come in any order, and unknown ones are ignored") {
  check_names("otpauth://totp/x?image=https%3A%2F%2Fexample.org%2Flogo.png&issuer=I&bad=%ZZ&&secret=JBSWY3DPEHPK3PXP",
              "I", "x");
}

TEST_CASE("a line end after the URI and a fragment are left out") {
  check_names(with("&issuer=I\n"), "I", "user");
  check_names(with("&issuer=I\r\n"), "I", "user");
  check_names(with("&issuer=I#secret=AAAA"), "I", "user");
}

TEST_CASE("algorithm names may have any case") {
  const auto read = from_uri(with("&algorithm=sha256"));
  REQUIRE(read.has_value());
  CHECK(read->parameters.algorithm == Algorithm::sha256);
}

TEST_CASE("algorithms that are none of the three are refused") {
  for (auto name : {"MD5", "aes", "HmacSHA512", "SHA-1", "SHA", "SHA1024", "", "sha512%20", "SHA384"}) {
    INFO(name);
    CHECK(refused(with("&algorithm=" + std::string(name))));
  }
}

TEST_CASE("digits outside 6 to 8 or no number are refused") {
  for (auto digits : {"5", "9", "0", "-1", "", "six", "6.0", "+6", " 6", "6 ", "0x6", "4294967302",
                      "18446744073709551622", "\uff16"}) {
    INFO(digits);
    CHECK(refused(with("&digits=" + std::string(digits))));
  }
  for (auto digits : {"6", "7", "8"}) CHECK_FALSE(refused(with("&digits=" + std::string(digits))));
}

TEST_CASE("periods outside 15 to 300 or no number are refused") {
  for (auto period : {"0", "14", "301", "-30", "", "30s", "4294967326", "99999999999999999999", "1e2"}) {
    INFO(period);
    CHECK(refused(with("&period=" + std::string(period))));
  }
  for (auto period : {"15", "30", "300"}) CHECK_FALSE(refused(with("&period=" + std::string(period))));
}

TEST_CASE("a URI without a good secret is refused") {
  for (auto query : {"", "?", "?secret", "?secret=", "?secret=====", "?secret=%20", "?secret=JBSWY3DPEHPK3PX0",
                     "?secret=JBSWY3DP%3", "?secret=JBSWY3DP%ZZ", "?issuer=a", "?secret=JBS", "?secret=JB=SWY3D"}) {
    INFO(query);
    CHECK(refused("otpauth://totp/user" + std::string(query)));
  }
}

TEST_CASE("a secret may hold blanks and padding, escaped or not") {
  for (auto secret : {"JBSW%20Y3DP%20EHPK%203PXP", "JBSW+Y3DP+EHPK+3PXP", "jbsw-y3dp-ehpk-3pxp", "JBSWY3DPEHPK3PXP",
                      "JBSW Y3DP EHPK 3PXP"}) {
    INFO(secret);
    const auto read = from_uri("otpauth://totp/a?secret=" + std::string(secret));
    REQUIRE(read.has_value());
    CHECK(std::ranges::equal(read->seed.view(), hello));
  }
  for (auto secret : {"J3WWIV3PTGJPQV5QAICM====", "J3WWIV3PTGJPQV5QAICM%3D%3D%3D%3D"})
    CHECK(from_uri("otpauth://totp/a?secret=" + std::string(secret)).value().seed.size() == 12);
}

TEST_CASE("a parameter that comes twice is refused") {
  CHECK(refused(with("&secret=GEZDGNBV")));
  CHECK(refused(with("&secret=JBSWY3DPEHPK3PXP")));
  CHECK(refused(with("&digits=6&digits=8")));
  CHECK(refused(with("&issuer=&issuer=a")));
}

TEST_CASE("a URI without an account is refused") {
  CHECK(refused(with("", "")));
  CHECK(refused(with("", "Issuer:")));
  CHECK(refused(with("", "Issuer:%20%20")));
  CHECK(refused("otpauth://totp?secret=JBSWY3DPEHPK3PXP"));
}

TEST_CASE("names that cannot be shown on a line are refused") {
  for (auto name : {"a%0Ab", "a%00b", "a%1Bb", "a%7Fb", "a%FFb", "%C3", "%E2%80%AEb", "a%E2%80%A8b", "a\nb"}) {
    INFO(name);
    CHECK(refused(with("", name)));
    CHECK(refused(with("&issuer=" + std::string(name))));
    CHECK(refused(with("&issuer=Good", std::string(name) + ":user")));
  }
}

TEST_CASE("names have at most 200 code points") {
  std::string longest;
  for (int i = 0; i < 200; ++i) longest += "%C3%BC";
  CHECK_FALSE(refused(with("", longest)));
  CHECK_FALSE(refused(with("&issuer=" + longest)));
  CHECK_FALSE(refused(with("", longest + ":" + longest)));
  CHECK(refused(with("", longest + "a")));
  CHECK(refused(with("&issuer=a" + longest)));
}

TEST_CASE("broken escapes are refused") {
  for (auto label : {"invalid%ZZlabel", "user%", "user%4", "user%4g", "%"}) {
    INFO(label);
    CHECK(refused(with("", label)));
  }
  CHECK(refused(with("&issuer=a%2")));
}

TEST_CASE("what is no otpauth URI is refused") {
  for (auto uri :
       {"", "otpauth", "otpauth://", "otpauth:totp/a?secret=JBSWY3DPEHPK3PXP", "JBSWY3DPEHPK3PXP",
        "totp/a?secret=JBSWY3DPEHPK3PXP", "https://totp/a?secret=JBSWY3DPEHPK3PXP",
        "otpauth://derp/user?secret=JBSWY3DPEHPK3PXP", "otpauth://totpx/user?secret=JBSWY3DPEHPK3PXP",
        " otpauth://totp/a?secret=JBSWY3DPEHPK3PXP", "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8"}) {
    INFO(uri);
    CHECK(refused(uri));
    CHECK_FALSE(parse_uri(uri).has_value());
  }
}

TEST_CASE("a URI longer than the longest is refused, however good") {
  std::string uri = with("&image=");
  uri.append(otp::longest_uri - uri.size(), 'x');
  CHECK_FALSE(refused(uri));
  uri += 'x';
  CHECK(refused(uri));
}

TEST_CASE("a HOTP URI is understood but not kept") {
  const std::string uri = "otpauth://hotp/Service:user?secret=JBSWY3DPEHPK3PXP&issuer=Service&counter=10";
  CHECK(refused(uri));
  const auto read = parse_uri(uri);
  REQUIRE(read.has_value());
  CHECK(read->type == otp::Type::hotp);
  CHECK(read->counter == 10);
  CHECK(read->enrolment.account == "user");
}

TEST_CASE("a TOTP URI counts nothing, whatever it says") {
  for (auto more : {"", "&counter=7"}) {
    const auto read = parse_uri(with(more));
    REQUIRE(read.has_value());
    CHECK(read->type == otp::Type::totp);
    CHECK(read->counter == 0);
  }
}

TEST_CASE("a HOTP URI must say a counter of 64 bits") {
  for (auto counter : {"", "&counter=", "&counter=-1", "&counter=x", "&counter=18446744073709551616"}) {
    INFO(counter);
    CHECK_FALSE(parse_uri("otpauth://hotp/a?secret=JBSWY3DPEHPK3PXP" + std::string(counter)).has_value());
  }
  const auto last = parse_uri("otpauth://hotp/a?secret=JBSWY3DPEHPK3PXP&counter=18446744073709551615");
  REQUIRE(last.has_value());
  CHECK(last->counter == 18446744073709551615u);
}

TEST_CASE("no cut of a good URI crashes the reader") {
  const std::string uri = with("&issuer=S%C3%BC&algorithm=SHA256&digits=7&period=60&counter=1#f");
  for (std::size_t size = 0; size < uri.size(); ++size) {
    // From heap memory of that very size, so that a sanitizer sees one byte too far.
    const core::Bytes cut(uri.begin(), uri.begin() + static_cast<std::ptrdiff_t>(size));
    const auto read = parse_uri(core::text_of(cut));
    CHECK(read.has_value() == from_uri(core::text_of(cut)).has_value());
    if (size < std::string("otpauth://totp/Service:user?secret=JB").size()) CHECK_FALSE(read.has_value());
  }
}

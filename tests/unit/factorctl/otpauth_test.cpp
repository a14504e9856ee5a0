// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/otpauth.hpp"

#include "tests/support/catch.hpp"
#include "tools/factorctl/console.hpp"

using namespace factord;
using namespace factord::factorctl;

TEST_CASE("the secret is shown in groups of four") {
  CHECK(typed_form("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&digits=6").text() == "JBSW Y3DP EHPK 3PXP");
  CHECK(typed_form("otpauth://totp/a?digits=6&secret=JBSWY").text() == "JBSW Y");
  CHECK(typed_form("otpauth://totp/a?secret=JBSW").text() == "JBSW");
}

TEST_CASE("only the parameter named secret is the secret") {
  CHECK(typed_form("otpauth://totp/secret=AAAA?issuer=x").empty());
  CHECK(typed_form("otpauth://totp/a?notsecret=AAAA&secret=BBBB").text() == "BBBB");
  CHECK(typed_form("otpauth://totp/a?secret=").empty());
  CHECK(typed_form("").empty());
}

TEST_CASE("a URI that would break out of its JSON text is refused") {
  const Console console(-1, -1, -1);
  for (const char* uri : {"a\"b", "a\\b", "a b", "a\nb", "\xc3\xa4"})
    CHECK_THROWS_AS(print_with_uri(console, "{}", core::Secret::copy_of(core::bytes_of(uri))), std::runtime_error);
}

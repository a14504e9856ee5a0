// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/relying_party.hpp"

#include "tests/support/catch.hpp"

using namespace factord::webauthn;

TEST_CASE("user verification is known by its three names and no others") {
  for (const auto one : {UserVerification::required, UserVerification::preferred, UserVerification::discouraged})
    CHECK(user_verification_named(name(one)) == one);
  CHECK(name(UserVerification::required) == "required");
  CHECK(name(UserVerification::discouraged) == "discouraged");
  for (const char* other : {"", "Required", "required ", "none"}) CHECK_FALSE(user_verification_named(other));
}

TEST_CASE("attestation conveyance is known by its three names and no others") {
  using enum AttestationConveyance;
  for (const auto one : {none, indirect, direct}) CHECK(attestation_conveyance_named(name(one)) == one);
  CHECK(name(none) == "none");
  CHECK(name(direct) == "direct");
  for (const char* other : {"", "enterprise", "Direct"}) CHECK_FALSE(attestation_conveyance_named(other));
}

// SPDX-License-Identifier: Apache-2.0
// Section 8.9.
#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/statements.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

Registration compound_of(std::vector<Format> parts) {
  Registration registration = with(Format::compound);
  registration.parts = std::move(parts);
  return registration;
}

core::Bytes part(const core::Bytes& format, const core::Bytes& statement) {
  return cbor::map({{cbor::text("fmt"), format}, {cbor::text("attStmt"), statement}});
}

std::string register_with_last_part(const core::Bytes& last) {
  Registration registration = compound_of({Format::packed_self, Format::none});
  registration.edit_parts = [&](std::vector<core::Bytes>& parts) { parts.back() = last; };
  return register_with(registration);
}

}  // namespace

TEST_CASE("compound is accepted with two to eight parts of any formats") {
  CHECK(register_with(compound_of({Format::packed_self, Format::packed_x5c})) == "ok");
  CHECK(register_with(compound_of({Format::android_key, Format::apple, Format::fido_u2f})) == "ok");
  CHECK(register_with(compound_of(std::vector<Format>(8, Format::none))) == "ok");
  CHECK(register_with(compound_of(std::vector<Format>(9, Format::none))) == "8.9");
  CHECK(register_with(compound_of({Format::packed_self})) == "8.9");
  CHECK(register_with(compound_of({})) == "8.9");
}

TEST_CASE("compound: every part has to be good, by the rules of its format") {
  Registration registration = compound_of({Format::packed_self, Format::fido_u2f});
  SECTION("the first") {
    registration.edit_statement = [](cbor::Entries& statement) {
      if (statement.front().first == cbor::text("alg")) drop(statement, "sig");
    };
    CHECK(register_with(registration) == "8.2");
  }
  SECTION("the last") {
    registration.edit_statement = [](cbor::Entries& statement) {
      if (statement.front().first == cbor::text("sig")) drop(statement, "sig");
    };
    CHECK(register_with(registration) == "8.6");
  }
}

TEST_CASE("compound: a part is a known format that is not compound, and its statement") {
  const core::Bytes none = cbor::text("none"), empty = cbor::map({});
  CHECK(register_with_last_part(part(none, empty)) == "ok");
  CHECK(register_with_last_part(part(cbor::text("compound"), cbor::array({part(none, empty), part(none, empty)}))) ==
        "8.9");
  CHECK(register_with_last_part(part(cbor::text("android-safetynet"), empty)) == "8.9");
  CHECK(register_with_last_part(part(cbor::bytes(core::bytes_of("none")), empty)) == "8.9");
  CHECK(register_with_last_part(part(none, cbor::array({}))) == "22");
  CHECK(register_with_last_part(cbor::map({{cbor::text("fmt"), none}})) == "8.9");
  CHECK(register_with_last_part(cbor::map({{cbor::text("attStmt"), empty}})) == "8.9");
  CHECK(register_with_last_part(cbor::array({none, empty})) == "8.9");
  CHECK(register_with_last_part(cbor::map(
            {{cbor::text("fmt"), none}, {cbor::text("attStmt"), empty}, {cbor::text("authData"), cbor::bytes({})}})) ==
        "8.9");
}

TEST_CASE("compound: the trust paths of all parts count") {
  auto expected = registration_expectations();
  expected.attestation_policy = trusting_nobody();
  CHECK(reason_with(compound_of({Format::none, Format::packed_self}), expected) ==
        "24: nobody vouches for the authenticator");
  for (const auto& parts :
       {std::vector{Format::none, Format::packed_x5c}, std::vector{Format::packed_x5c, Format::none}})
    CHECK(reason_with(compound_of(parts), expected) == "24: trust path does not end in an anchor");
}

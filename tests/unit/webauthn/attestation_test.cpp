// SPDX-License-Identifier: Apache-2.0
// Step 22 of section 7.1: attestation statements, chapter 8. What all formats share, format none, and what of step 24 a
// chain says by itself. The other formats have files of their own.
#include "daemon/webauthn/attestation.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/statements.hpp"

using namespace factord;
using namespace factord::tests;

TEST_CASE("none: the statement is an empty map") {
  Registration registration;
  registration.edit_statement = adding("alg", cbor::integer(es256));
  CHECK(register_with(registration) == "8.7");
}

TEST_CASE("a statement is of the kind that its format names") {
  const auto [format, other] = GENERATE(table<Format, core::Bytes>({{Format::none, cbor::array({})},
                                                                    {Format::packed_self, cbor::text("packed")},
                                                                    {Format::tpm, cbor::bytes({})},
                                                                    {Format::apple, cbor::integer(1)},
                                                                    {Format::compound, cbor::map({})}}));
  Registration registration = with(format);
  registration.edit_attestation_object = [&value = other](cbor::Entries& entries) { entries[1].second = value; };
  CHECK(register_with(registration) == "22");
}

TEST_CASE("each format is known by its exact name") {
  for (const char* name : {"none", "packed", "tpm", "android-key", "fido-u2f", "apple", "compound"})
    CHECK(webauthn::known_attestation_format(name));
  for (const char* name : {"", "None", "packed ", "android-safetynet", "safetynet", "u2f"})
    CHECK_FALSE(webauthn::known_attestation_format(name));
}

TEST_CASE("a registration keeps the name of its statement's format") {
  const auto [format, name] = GENERATE(table<Format, const char*>(
      {{Format::none, "none"}, {Format::tpm, "tpm"}, {Format::apple, "apple"}, {Format::compound, "compound"}}));
  const auto verdict =
      webauthn::verify_registration(make_registration(key_of(es256), with(format)), registration_expectations());
  CHECK(std::get<webauthn::NewCredential>(verdict).attestation_format == name);
}

TEST_CASE("signatures with SHA-1 are for tpm alone") {
  Registration registration = with(GENERATE(Format::packed_x5c, Format::android_key, Format::fido_u2f));
  registration.attestation_key = key_of(rs1);
  const std::string verdict = register_with(registration);
  CHECK(verdict.substr(0, 2) == "8.");
}

TEST_CASE("x5c holds one to eight certificates") {
  const auto count = GENERATE(std::size_t(0), std::size_t(1), std::size_t(8), std::size_t(9));
  const core::Bytes certificate = cbor::bytes(make_issuer_certificate(key_of(es256)));
  const core::Bytes x5c = cbor::array(std::vector<core::Bytes>(count, certificate));
  CHECK(webauthn::read_chain(webauthn::read_whole_cbor(x5c)).has_value() == (count == 1 || count == 8));
}

TEST_CASE("x5c is a list of certificates and of nothing else") {
  const core::Bytes certificate = make_issuer_certificate(key_of(es256));
  core::Bytes longer = certificate, shorter = certificate;
  longer.push_back(0);
  shorter.pop_back();
  const core::Bytes good = cbor::bytes(certificate);
  CHECK_FALSE(webauthn::read_chain(std::nullopt));
  for (const core::Bytes& x5c :
       {good, cbor::map({{good, good}}), cbor::array({good, cbor::text("certificate")}), cbor::array({cbor::bytes({})}),
        cbor::array({good, cbor::bytes(longer)}), cbor::array({cbor::bytes(shorter)})})
    CHECK_FALSE(webauthn::read_chain(webauthn::read_whole_cbor(x5c)));
}

TEST_CASE("step 24: the trust path of every format is judged") {
  Registration registration =
      with(GENERATE(Format::packed_x5c, Format::tpm, Format::android_key, Format::apple, Format::fido_u2f));
  auto expected = registration_expectations();
  expected.attestation_policy = trusting_nobody();
  CHECK(reason_with(registration, expected) == "24: trust path does not end in an anchor");
}

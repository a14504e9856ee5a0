// SPDX-License-Identifier: Apache-2.0
// Cryptography that fails, for want of memory above all, must never read as "verified".
#include <openssl/err.h>

#include <new>

#include "daemon/webauthn/digest.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/metadata_blob.hpp"
#include "tests/unit/webauthn/crypto_calls.hpp"
#include "tests/unit/webauthn/statements.hpp"

using namespace factord;
using namespace factord::tests;
using namespace factord::webauthn;

namespace {

// Something to verify, made before anything fails.
struct Case {
  std::string name;
  std::function<bool()> accepted;
};

Case registering(std::string name, int algorithm, Registration registration,
                 RegistrationExpectations expected = registration_expectations()) {
  return {std::move(name), [text = make_registration(key_of(algorithm), registration), expected = std::move(expected)] {
            return outcome(verify_registration(text, expected)) == "ok";
          }};
}

Case registering_vouched(int attestation_algorithm) {
  Registration registration = with(Format::packed_x5c);
  const SoftKey& key = key_of(attestation_algorithm);
  registration.attestation_key = key;
  registration.x5c_first = make_certificate(registration.certificate, key, key);
  AttestationPolicy policy;
  policy.trust_required = true;
  CertificateChain anchors;
  anchors.push_back(Certificate::read(*registration.x5c_first).value());
  policy.anchors = TrustAnchors(anchors);
  RegistrationExpectations expected = registration_expectations();
  expected.attestation_policy = std::make_shared<const AttestationPolicy>(std::move(policy));
  return registering("registration vouched for with " + std::to_string(attestation_algorithm), es256, registration,
                     expected);
}

Case asserting(int algorithm) {
  const CredentialRecord record{Assertion().credential_id, key_of(algorithm).cose(), 0, false, {}};
  return {"assertion " + std::to_string(algorithm), [record, text = make_assertion(key_of(algorithm), Assertion())] {
            const AssertionExpectations expected{
                Assertion().challenge, example_org(), UserVerification::required, {}, true, ""};
            const auto read = std::get<ReadAssertion>(read_assertion(text));
            KeyCache keys;
            return outcome(verify_assertion(read, record, expected, keys)) == "ok";
          }};
}

Case reading_blob(const char* algorithm, int key) {
  MetadataBlob blob;
  blob.algorithm = algorithm;
  blob.key = key_of(key);
  const auto root = blob.root_certificate();
  return {std::string("blob ") + algorithm, [text = blob.text(), root] {
            CertificateChain roots;
            roots.push_back(Certificate::read(root).value());
            try {
              verified_payload(text, {TrustAnchors(roots), "mds.fidoalliance.org"}, FixedClock().at);
              return true;
            } catch (const BlobError&) {
              return false;
            }
          }};
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = [] {
    std::vector<Case> out;
    for (const int algorithm : {es256, eddsa, rs256, ps256, es384, es512}) {
      out.push_back(registering("registration " + std::to_string(algorithm), algorithm, with(Format::packed_self)));
      out.push_back(asserting(algorithm));
    }
    for (const int algorithm : {es256, eddsa, rs256}) out.push_back(registering_vouched(algorithm));
    for (const auto format : {Format::fido_u2f, Format::tpm, Format::android_key, Format::apple})
      out.push_back(registering("registration in format " + std::to_string(int(format)), es256, with(format)));
    out.push_back(reading_blob("ES256", es256));
    out.push_back(reading_blob("RS256", rs256));
    out.push_back(reading_blob("PS256", rs256));
    return out;
  }();
  return all;
}

bool accepted(const Case& one) try { return one.accepted(); } catch (const std::bad_alloc&) {
  return false;
}

}  // namespace

TEST_CASE("what is verified while a call of the cryptography fails is not accepted, and is once it works again") {
  for (const auto& one : cases()) REQUIRE(accepted(one));
  for (const std::string& call : failing_calls()) {
    int reached = 0;
    for (const auto& one : cases()) {
      INFO(call << " in " << one.name);
      {
        const FailingCall failing(call);
        const bool good = accepted(one);
        if (FailingCall::happened()) CHECK_FALSE(good);
        reached += FailingCall::happened() ? 1 : 0;
      }
      ERR_clear_error();
      CHECK(accepted(one));
    }
    INFO(call);
    CHECK(reached > 0);
  }
}

TEST_CASE("a digest that cannot be made is none") {
  for (const char* call : {"EVP_MD_CTX_new", "EVP_DigestInit_ex2", "EVP_DigestUpdate", "EVP_DigestFinal_ex"}) {
    const core::Bytes message{1, 2, 3};
    {
      const FailingCall failing(call);
      CHECK_THROWS_AS(Digest(Hash::sha256, {message}), std::bad_alloc);
    }
    CHECK(Digest(Hash::sha256, {message}).view().size() == 32);
  }
}

TEST_CASE("an RSA key that cannot be made is none") {
  const core::Bytes modulus(256, 0xab), exponent{1, 0, 1};
  for (const char* call : {"EVP_PKEY_fromdata_init", "EVP_PKEY_fromdata"}) {
    const FailingCall failing(call);
    CHECK_FALSE(RsaKey::load(modulus, exponent));
  }
  CHECK(RsaKey::load(modulus, exponent));
}

TEST_CASE("a verdict leaves no error behind in OpenSSL's queue, which the next caller would read as its own") {
  for (const std::string& call : failing_calls())
    for (const auto& one : cases()) {
      INFO(call << " in " << one.name);
      const FailingCall failing(call);
      try {
        one.accepted();
        CHECK(ERR_peek_error() == 0);
      } catch (const std::bad_alloc&) {
        // Whoever catches that ends what was being done
      }
      ERR_clear_error();
    }
}

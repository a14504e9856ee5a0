// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/trust.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/metadata_blob.hpp"
#include "tests/unit/webauthn/expectations.hpp"

using namespace factord;
using namespace factord::tests;
using namespace factord::webauthn;

namespace {

const core::Bytes model_bytes(16, 0xab), zeros(16, 0);
constexpr auto model = "abababab-abab-abab-abab-abababababab";
constexpr auto other = "cdcdcdcd-abab-abab-abab-abababababab";

// Somebody who makes tokens and vouches for them: a root, and a certificate issued by it.
struct Vendor {
  SoftKey root_key = SoftKey::generate(es256), key = SoftKey::generate(es256);
  core::Bytes root = make_issuer_certificate(root_key);
  core::Bytes leaf = make_certificate(profile(), key, root_key);

  static CertificateProfile profile() {
    CertificateProfile profile;
    profile.aaguid = model_bytes;
    return profile;
  }
  // What a token of this vendor answers.
  Registration token(Format format = Format::packed_x5c) const {
    Registration made;
    made.format = format;
    made.aaguid = model_bytes;
    made.attestation_key = key;
    made.x5c_first = leaf;
    return made;
  }
};

TrustAnchors anchors(const std::vector<core::Bytes>& certificates) {
  CertificateChain out;
  for (const auto& der : certificates) out.push_back(Certificate::read(der).value());
  return TrustAnchors(out);
}

Metadata metadata(const std::vector<Json>& entries) {
  MetadataBlob blob;
  blob.payload["entries"] = entries;
  return Metadata::read(blob.text(), {anchors({blob.root_certificate()}), "mds.fidoalliance.org"}, FixedClock().at);
}

AttestationPolicy requiring(const std::vector<core::Bytes>& certificates) {
  AttestationPolicy policy;
  policy.trust_required = true;
  policy.anchors = anchors(certificates);
  return policy;
}

AttestationPolicy knowing(const std::vector<Json>& entries, bool trust_required = false) {
  AttestationPolicy policy;
  policy.trust_required = trust_required;
  policy.metadata = metadata(entries);
  return policy;
}

std::string answer(const Registration& registration, AttestationPolicy policy) {
  auto expected = registration_expectations();
  expected.attestation_policy = std::make_shared<const AttestationPolicy>(std::move(policy));
  return reason_with(registration, expected);
}

Attestation attested(const std::vector<std::vector<core::Bytes>>& paths) {
  Attestation out;
  for (const auto& path : paths) {
    out.trust_paths.emplace_back();
    for (const auto& der : path) out.trust_paths.back().push_back(Certificate::read(der).value());
  }
  return out;
}

std::string judged(const std::vector<std::vector<core::Bytes>>& paths, const AttestationPolicy* policy,
                   core::ByteView aaguid = model_bytes) {
  const auto refusal = judge_trust(attested(paths), aaguid, policy, FixedClock().at);
  return refusal ? refusal->reason : "ok";
}

Registration of_format(Format format) {
  Registration made;
  made.format = format;
  made.aaguid = model_bytes;
  return made;
}

constexpr auto nobody = "24: nobody vouches for the authenticator";
constexpr auto no_anchor = "24: trust path does not end in an anchor";

}  // namespace

TEST_CASE("without a policy nobody needs to vouch, and whoever does need not be known") {
  for (const Format format : {Format::none, Format::packed_self, Format::packed_x5c, Format::fido_u2f})
    CHECK(register_with(of_format(format)) == "ok");
}

TEST_CASE("a policy that demands nothing lets in what no policy lets in") {
  for (const Format format : {Format::none, Format::packed_self, Format::packed_x5c, Format::fido_u2f})
    CHECK(answer(of_format(format), {}) == "ok");
}

TEST_CASE("where trust is required, an anchored token is let in") {
  const Vendor vendor;
  CHECK(answer(vendor.token(), requiring({vendor.root})) == "ok");
  CHECK(answer(vendor.token(Format::fido_u2f), requiring({vendor.root})) == "ok");
}

TEST_CASE("where trust is required, no attestation and self attestation are refused") {
  const Vendor vendor;
  CHECK(answer(of_format(Format::none), requiring({vendor.root})) == nobody);
  CHECK(answer(of_format(Format::packed_self), requiring({vendor.root})) == nobody);
}

TEST_CASE("where trust is required, a token of somebody else under the same name is refused") {
  const Vendor vendor, stranger;
  CHECK(answer(stranger.token(), requiring({vendor.root})) == no_anchor);
  CHECK(answer(stranger.token(Format::fido_u2f), requiring({vendor.root})) == no_anchor);
}

TEST_CASE("every trust path must end in an anchor") {
  const Vendor vendor, stranger;
  const AttestationPolicy policy = requiring({vendor.root});
  CHECK(judged({{vendor.leaf}, {vendor.leaf, vendor.root}}, &policy) == "ok");
  CHECK(judged({{vendor.leaf}, {stranger.leaf}}, &policy) == "trust path does not end in an anchor");
  CHECK(judged({{stranger.leaf}, {vendor.leaf}}, &policy) == "trust path does not end in an anchor");
}

TEST_CASE("where nobody needs to vouch, a trust path may be expired or broken") {
  const Vendor vendor, stranger;
  CertificateProfile expired;
  expired.not_after = FixedClock().at - std::chrono::hours(1);
  const core::Bytes old = make_certificate(expired, vendor.key, vendor.root_key);
  const AttestationPolicy required = requiring({vendor.root}), none;
  for (const auto& path : {std::vector{old, vendor.root}, std::vector{stranger.leaf, vendor.root}}) {
    CHECK(judged({path}, &required) == "trust path does not end in an anchor");
    CHECK(judged({path}, &none) == "ok");
    CHECK(judged({path}, nullptr) == "ok");
  }
}

TEST_CASE("a denied authenticator is refused, whatever it proves") {
  const Vendor vendor;
  AttestationPolicy policy;
  policy.denied = {model};
  CHECK(answer(of_format(Format::none), policy) == "24: authenticator is denied");
  CHECK(answer(vendor.token(), policy) == "24: authenticator is denied");
  policy.denied = {other};
  CHECK(answer(of_format(Format::none), policy) == "ok");
}

TEST_CASE("where some are allowed, all others are not") {
  AttestationPolicy policy;
  policy.allowed = {model};
  CHECK(answer(of_format(Format::none), policy) == "ok");
  policy.allowed = {other};
  CHECK(answer(of_format(Format::none), policy) == "24: authenticator is not allowed");
}

TEST_CASE("an authenticator without an AAGUID is let in by the name of zeros") {
  Registration nameless;
  AttestationPolicy policy;
  policy.allowed = {model};
  CHECK(answer(nameless, policy) == "24: authenticator is not allowed");
  policy.allowed = {model, std::string(no_aaguid)};
  CHECK(answer(nameless, policy) == "ok");
}

TEST_CASE("a U2F token counts as one without an AAGUID, whatever the client writes there") {
  const Vendor vendor;
  AttestationPolicy policy;
  policy.allowed = {model};
  CHECK(answer(vendor.token(Format::fido_u2f), policy) == "24: authenticator is not allowed");
  policy.allowed = {std::string(no_aaguid)};
  CHECK(answer(vendor.token(Format::fido_u2f), policy) == "ok");
  CHECK(answer(vendor.token(), policy) == "24: authenticator is not allowed");
}

TEST_CASE("a U2F statement within a compound one proves no AAGUID either") {
  Registration made = of_format(Format::compound);
  AttestationPolicy policy;
  policy.allowed = {model};
  for (const Format first : {Format::none, Format::packed_self, Format::packed_x5c}) {
    made.parts = {first, Format::fido_u2f};
    CHECK(answer(made, policy) == "24: authenticator is not allowed");
    made.parts = {Format::fido_u2f, first};
    CHECK(answer(made, policy) == "24: authenticator is not allowed");
  }
}

TEST_CASE("an AAGUID that is only claimed keeps out") {
  AttestationPolicy policy;
  policy.denied = {model};
  CHECK(answer(of_format(Format::fido_u2f), policy) == "24: authenticator is denied");
  policy.denied = {std::string(no_aaguid)};
  CHECK(answer(of_format(Format::fido_u2f), policy) == "24: authenticator is denied");
  Json revoked = metadata_entry(model, "Token", {});
  revoked["statusReports"] = Json::array({{{"status", "REVOKED"}, {"effectiveDate", "2024-01-01"}}});
  CHECK(answer(of_format(Format::fido_u2f), knowing({revoked})) == "24: metadata: REVOKED");
}

TEST_CASE("to be allowed is not to be trusted") {
  const Vendor vendor, stranger;
  AttestationPolicy policy = requiring({vendor.root});
  policy.allowed = {model};
  CHECK(answer(vendor.token(), policy) == "ok");
  CHECK(answer(stranger.token(), policy) == no_anchor);
}

TEST_CASE("the roots that metadata names vouch for their own model") {
  const Vendor vendor, stranger;
  const auto entries = [](const char* aaguid, const core::Bytes& root) {
    return std::vector<Json>{metadata_entry(aaguid, "Token", {root})};
  };
  CHECK(answer(vendor.token(), knowing(entries(model, vendor.root), true)) == "ok");
  CHECK(answer(vendor.token(), knowing(entries(model, vendor.leaf), true)) == "ok");
  CHECK(answer(vendor.token(), knowing(entries(other, vendor.root), true)) == no_anchor);
  CHECK(answer(vendor.token(), knowing(entries(model, stranger.root), true)) == no_anchor);
  CHECK(answer(of_format(Format::none), knowing(entries(model, vendor.root), true)) == nobody);
}

TEST_CASE("anchors and metadata add up") {
  const Vendor vendor, stranger;
  AttestationPolicy policy = knowing({metadata_entry(model, "Token", {vendor.root})}, true);
  policy.anchors = anchors({stranger.root});
  CHECK(answer(vendor.token(), policy) == "ok");
  CHECK(answer(stranger.token(), policy) == "ok");
}

TEST_CASE("a compromised model is refused, whether trust is required or not") {
  const Vendor vendor;
  for (const char* status : {"REVOKED", "USER_KEY_REMOTE_COMPROMISE", "ATTESTATION_KEY_COMPROMISE"}) {
    Json entry = metadata_entry(model, "Token", {vendor.root});
    report(entry, status);
    for (const bool required : {false, true})
      CHECK(answer(vendor.token(), knowing({entry}, required)) == std::string("24: metadata: ") + status);
    CHECK(answer(of_format(Format::none), knowing({entry})) == std::string("24: metadata: ") + status);
  }
}

TEST_CASE("a report that came before others counts, and so does one of a second entry") {
  const Vendor vendor;
  Json entry = metadata_entry(model, "Token", {}), second = metadata_entry(model, "Token", {});
  report(entry, "REVOKED");
  report(entry, "FIDO_CERTIFIED_L1");
  CHECK(answer(vendor.token(), knowing({entry})) == "24: metadata: REVOKED");
  CHECK(answer(vendor.token(), knowing({second, entry})) == "24: metadata: REVOKED");
}

TEST_CASE("a compromised attestation key that is named concerns what it vouches for alone") {
  const Vendor vendor, stranger;
  constexpr auto compromised = "24: metadata: ATTESTATION_KEY_COMPROMISE";
  const auto naming = [](const core::Bytes& certificate) {
    Json entry = metadata_entry(model, "Token", {});
    report(entry, "ATTESTATION_KEY_COMPROMISE", certificate);
    return knowing({entry});
  };
  CHECK(answer(vendor.token(), naming(vendor.leaf)) == compromised);
  CHECK(answer(vendor.token(), naming(vendor.root)) == compromised);
  CHECK(answer(vendor.token(), naming(stranger.leaf)) == "ok");
  CHECK(answer(vendor.token(), naming(stranger.root)) == "ok");
  CHECK(answer(of_format(Format::none), naming(vendor.leaf)) == "ok");
}

TEST_CASE("a certificate of any path may be the compromised one") {
  const Vendor vendor, stranger;
  Json entry = metadata_entry(model, "Token", {});
  report(entry, "ATTESTATION_KEY_COMPROMISE", vendor.root);
  const AttestationPolicy policy = knowing({entry});
  CHECK(judged({{stranger.leaf}, {vendor.leaf, vendor.root}}, &policy) == "metadata: ATTESTATION_KEY_COMPROMISE");
  CHECK(judged({{stranger.leaf}}, &policy) == "ok");
}

TEST_CASE("a U2F token is judged by the entry that names the key of its certificate") {
  const Vendor vendor, stranger;
  std::array<unsigned char, 20> hash{};
  const core::Bytes point = vendor.key.uncompressed();
  EVP_Digest(point.data(), point.size(), hash.data(), nullptr, EVP_sha1(), nullptr);
  std::string identifier;
  for (const unsigned char byte : hash) {
    identifier += "0123456789abcdef"[byte >> 4];
    identifier += "0123456789abcdef"[byte & 15];
  }
  Json entry = metadata_entry(model, "U2F token", {vendor.root});
  entry.erase("aaguid");
  entry["attestationCertificateKeyIdentifiers"] = Json::array({identifier});
  CHECK(answer(vendor.token(Format::fido_u2f), knowing({entry}, true)) == "ok");
  CHECK(answer(stranger.token(Format::fido_u2f), knowing({entry}, true)) == no_anchor);
  report(entry, "REVOKED");
  CHECK(answer(vendor.token(Format::fido_u2f), knowing({entry})) == "24: metadata: REVOKED");
}

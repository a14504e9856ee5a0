// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/jws.hpp"

#include "core/base64url.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/metadata_blob.hpp"
#include "tests/unit/webauthn/expectations.hpp"

using namespace factord;
using namespace factord::tests;
using namespace factord::webauthn;

namespace {

constexpr auto usual_name = "mds.fidoalliance.org";

JwsSigner signer(const MetadataBlob& blob, const std::string& dns = usual_name) {
  CertificateChain roots;
  roots.push_back(Certificate::read(blob.root_certificate()).value());
  return {TrustAnchors(roots), dns};
}

// What is wrong with the blob; "" where nothing is.
std::string fault(std::string_view text, const JwsSigner& by, core::Time at = FixedClock().at) try {
  verified_payload(text, by, at);
  return "";
} catch (const BlobError& error) {
  return error.what();
}

std::string fault(const MetadataBlob& blob) { return fault(blob.text(), signer(blob)); }

constexpr auto unverified = "its signature does not verify";
constexpr auto misfit = "its algorithm does not fit its signer's key";

}  // namespace

TEST_CASE("the payload of a signed blob is handed out as it is") {
  const MetadataBlob blob;
  const auto payload = verified_payload(blob.text(), signer(blob), FixedClock().at);
  CHECK(core::text_of(payload) == blob.payload.dump());
}

TEST_CASE("a blob may be signed with ES256, RS256 and PS256") {
  MetadataBlob blob;
  CHECK(fault(blob).empty());
  blob.key = key_of(rs256);
  blob.algorithm = "RS256";
  CHECK(fault(blob).empty());
  blob.algorithm = "PS256";
  CHECK(fault(blob).empty());
}

TEST_CASE("any other algorithm is refused, none above all") {
  for (const char* algorithm : {"none", "HS256", "ES384", "RS1", "", "es256"}) {
    MetadataBlob blob;
    blob.edit_header = [&](Json& header) { header["alg"] = algorithm; };
    CHECK(fault(blob) == "its algorithm is none of RS256, PS256, ES256");
  }
  MetadataBlob blob;
  blob.edit_header = [](Json& header) { header.erase("alg"); };
  CHECK(fault(blob) == "its algorithm is none of RS256, PS256, ES256");
  blob.edit_header = [](Json& header) { header["alg"] = 256; };
  CHECK(fault(blob) == "its header is not a JSON object as RFC 7515 wants it");
}

TEST_CASE("the algorithm must fit the key of the certificate") {
  for (const char* algorithm : {"RS256", "PS256"}) {
    MetadataBlob blob;
    blob.edit_header = [&](Json& header) { header["alg"] = algorithm; };
    CHECK(fault(blob) == misfit);
  }
  MetadataBlob rsa;
  rsa.key = key_of(rs256);
  rsa.algorithm = "RS256";
  rsa.edit_header = [](Json& header) { header["alg"] = "ES256"; };
  CHECK(fault(rsa) == misfit);
  MetadataBlob curve;
  curve.key = key_of(es384);
  CHECK(fault(curve) == misfit);
  MetadataBlob small;
  small.key = SoftKey::generate(rs256, 1024);
  small.algorithm = "RS256";
  CHECK(fault(small) == misfit);
}

TEST_CASE("RS256 and PS256 are not taken for each other") {
  for (const char* algorithm : {"RS256", "PS256"}) {
    MetadataBlob blob;
    blob.key = key_of(rs256);
    blob.algorithm = algorithm;
    blob.edit_header = [](Json& header) { header["alg"] = header["alg"] == "RS256" ? "PS256" : "RS256"; };
    CHECK(fault(blob) == unverified);
  }
}

TEST_CASE("a blob that was changed after signing does not verify") {
  const MetadataBlob blob;
  const std::string text = blob.text();
  const auto first = text.find('.'), last = text.rfind('.');
  const std::string other = core::to_base64url(core::bytes_of("{}"));
  CHECK(fault(text.substr(0, first + 1) + other + text.substr(last), signer(blob)) == unverified);
  MetadataBlob flipped;
  flipped.edit_signature = [](core::Bytes& signature) { signature.back() ^= 1; };
  CHECK(fault(flipped) == unverified);
  MetadataBlob zeros;
  zeros.edit_signature = [](core::Bytes& signature) { signature.assign(signature.size(), 0); };
  CHECK(fault(zeros) == unverified);
}

TEST_CASE("an ES256 signature is r and s side by side, of 32 bytes each") {
  for (const int change : {-1, 1}) {
    MetadataBlob blob;
    blob.edit_signature = [&](core::Bytes& signature) { signature.resize(signature.size() + std::size_t(change)); };
    CHECK(fault(blob) == unverified);
  }
  MetadataBlob der;
  const std::string input = der.text().substr(0, der.text().rfind('.'));
  CHECK(fault(input + '.' + core::to_base64url(der.key.sign(core::bytes_of(input))), signer(der)) == unverified);
}

TEST_CASE("the signer's certificates must lead to the root, at that time") {
  const MetadataBlob blob, other;
  constexpr auto strange = "its signer's certificates do not lead to a root";
  CHECK(fault(blob.text(), signer(other)) == strange);
  CHECK(fault(blob.text(), {TrustAnchors(), usual_name}) == strange);
  CHECK(fault(blob.text(), signer(blob), core::Time(std::chrono::seconds(2'600'000'000))) == strange);
}

TEST_CASE("certificates between signer and root come along in x5c") {
  MetadataBlob blob;
  const SoftKey middle = SoftKey::generate(es256);
  const auto leaf =
      make_named_certificate({.subject = "Signer", .issuer = "Middle", .dns = usual_name}, blob.key, middle);
  const auto above =
      make_named_certificate({.subject = "Middle", .issuer = "Root", .authority = true}, middle, blob.root);
  blob.edit_header = [&](Json& header) { header["x5c"] = {to_base64(leaf), to_base64(above)}; };
  CHECK(fault(blob).empty());
  blob.edit_header = [&](Json& header) { header["x5c"] = Json::array({to_base64(leaf)}); };
  CHECK(fault(blob) == "its signer's certificates do not lead to a root");
}

TEST_CASE("a certificate of another name is not the signer's, whoever vouches for it") {
  MetadataBlob blob;
  blob.certificate.dns = "evil.example";
  CHECK(fault(blob) == "its signer's certificate is not for mds.fidoalliance.org");
  CHECK(fault(blob.text(), signer(blob, "evil.example")).empty());
  blob.certificate.dns = "*.fidoalliance.org";
  CHECK(fault(blob).empty());
  blob.certificate.dns = "mds.fidoalliance.org.evil.example";
  CHECK_FALSE(fault(blob).empty());
}

TEST_CASE("where a certificate lists DNS names, its common name counts for nothing") {
  MetadataBlob blob;
  blob.certificate.subject = usual_name;
  blob.certificate.dns = "other.example";
  CHECK(fault(blob) == "its signer's certificate is not for mds.fidoalliance.org");
}

TEST_CASE("a header has 65,536 characters at most") {
  const auto with_header_of = [](std::size_t size) {
    MetadataBlob blob;
    std::size_t padding = 0;
    blob.edit_header = [&](Json& header) { header["x"] = std::string(padding, 'x'); };
    padding = (size - blob.text().find('.')) / 4 * 3;
    const std::string text = blob.text();
    CHECK(text.find('.') >= size - 3);
    return std::pair(text.find('.') <= size, fault(text, signer(blob)));
  };
  const auto [fits, verdict] = with_header_of(65'536);
  CHECK(fits);
  CHECK(verdict.empty());
  CHECK(with_header_of(65'542).second == "its header is too long");
}

TEST_CASE("a header that sends the reader elsewhere, or changes what is signed, is refused") {
  for (const char* member : {"crit", "b64", "x5u", "jku", "jwk"}) {
    MetadataBlob blob;
    blob.edit_header = [&](Json& header) { header[member] = Json::array(); };
    CHECK(fault(blob) == std::string("its header has ") + member + ", which is not supported");
  }
}

TEST_CASE("a header with a parameter twice is refused, as two readers could take different ones") {
  const std::string header = R"({"alg":"none","alg":"ES256","x5c":[]})";
  CHECK(fault(core::to_base64url(core::bytes_of(header)) + ".e30.AA", signer(MetadataBlob())) ==
        "its header is not a JSON object as RFC 7515 wants it");
}

TEST_CASE("a header without certificates, or with what is none, is refused") {
  const auto with = [](const Json& x5c) {
    MetadataBlob blob;
    blob.edit_header = [&](Json& header) { header["x5c"] = x5c; };
    return fault(blob);
  };
  constexpr auto shape = "its header is not a JSON object as RFC 7515 wants it";
  CHECK(with(Json::array()) == "its header brings no certificates (x5c)");
  CHECK(with({"AAAA"}) == "its x5c is not a list of certificates");
  CHECK(with("AAAA") == shape);
  CHECK(with({1}) == shape);
  MetadataBlob blob;
  blob.edit_header = [](Json& header) { header.erase("x5c"); };
  CHECK(fault(blob) == "its header brings no certificates (x5c)");
}

TEST_CASE("at most eight certificates come along") {
  MetadataBlob blob;
  const std::string own = to_base64(blob.signer_certificate());
  blob.edit_header = [&](Json& header) { header["x5c"] = std::vector<std::string>(8, own); };
  CHECK(fault(blob).empty());
  blob.edit_header = [&](Json& header) { header["x5c"] = std::vector<std::string>(9, own); };
  CHECK(fault(blob) == "its x5c is not a list of certificates");
}

TEST_CASE("what is no compact JWS is refused as such") {
  const MetadataBlob blob;
  for (const char* text : {"", "a", "a.b", "a.b.c.d", "....", "{}"})
    CHECK(fault(text, signer(blob)) == "is not a JWS in the compact form");
  const std::string text = blob.text();
  CHECK(fault("!" + text, signer(blob)) == "its header is not base64url");
  CHECK(fault(text + "=", signer(blob)) == "its signature is not base64url");
  CHECK(fault(core::to_base64url(core::bytes_of("[]")) + ".e30.AA", signer(blob)) ==
        "its header is not a JSON object as RFC 7515 wants it");
  CHECK(fault(core::to_base64url(core::bytes_of("{")) + ".e30.AA", signer(blob)) ==
        "its header is not a JSON object as RFC 7515 wants it");
  CHECK(fault(std::string(65'537, 'A') + ".e30.AA", signer(blob)) == "its header is too long");
}

TEST_CASE("a payload that is not base64url is refused, though it is signed") {
  MetadataBlob blob;
  blob.edit_encoded_payload = [](std::string& encoded) { encoded += '='; };
  CHECK(fault(blob) == "its payload is not base64url");
}

// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/metadata.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/metadata_blob.hpp"
#include "tests/unit/webauthn/expectations.hpp"

using namespace factord;
using namespace factord::tests;
using namespace factord::webauthn;

namespace {

constexpr auto model = "01020304-0506-0708-0102-030405060708";
constexpr auto other = "ffffffff-0506-0708-0102-030405060708";

JwsSigner signer(const MetadataBlob& blob) {
  CertificateChain roots;
  roots.push_back(Certificate::read(blob.root_certificate()).value());
  return {TrustAnchors(roots), "mds.fidoalliance.org"};
}

Metadata read(const MetadataBlob& blob) { return Metadata::read(blob.text(), signer(blob), FixedClock().at); }

Metadata with(const std::vector<Json>& entries) {
  MetadataBlob blob;
  blob.payload["entries"] = entries;
  return read(blob);
}

std::string fault(const MetadataBlob& blob) try {
  read(blob);
  return "";
} catch (const BlobError& error) {
  return error.what();
}

template <typename Edit>
std::string fault_after(Edit edit) {
  MetadataBlob blob;
  blob.payload["entries"] = Json::array({metadata_entry(model, "Token", {})});
  edit(blob.payload);
  return fault(blob);
}

template <typename Edit>
std::string entry_fault(Edit edit) {
  return fault_after([&](Json& payload) { edit(payload["entries"][0]); });
}

core::Bytes certificate_of(const SoftKey& key) {
  return make_named_certificate({.subject = "A", .issuer = "A", .authority = true}, key, key);
}

const core::Bytes& some_certificate() {
  static const core::Bytes der = certificate_of(key_of(es256));
  return der;
}

std::vector<CertificateChain> path_of(const core::Bytes& der) {
  std::vector<CertificateChain> paths(1);
  paths[0].push_back(Certificate::read(der).value());
  return paths;
}

std::string key_identifier(const SoftKey& key) {
  const core::Bytes point = key.uncompressed();
  std::array<unsigned char, 20> hash{};
  EVP_Digest(point.data(), point.size(), hash.data(), nullptr, EVP_sha1(), nullptr);
  std::string out;
  for (const unsigned char byte : hash) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    out += digits;
  }
  return out;
}

Json u2f_entry(const std::string& key, const std::string& description) {
  Json entry = metadata_entry(model, description, {});
  entry.erase("aaguid");
  entry["attestationCertificateKeyIdentifiers"] = Json::array({key});
  return entry;
}

}  // namespace

TEST_CASE("a blob says its number, and how many entries it has") {
  MetadataBlob blob;
  blob.payload["entries"] = {metadata_entry(model, "Token", {}), metadata_entry(other, "Other", {})};
  const Metadata metadata = read(blob);
  CHECK(metadata.number() == 7);
  CHECK(metadata.size() == 2);
}

TEST_CASE("a blob is good until the end of the day that it names") {
  MetadataBlob blob;
  blob.payload["nextUpdate"] = "2024-02-29";
  const Metadata metadata = read(blob);
  const core::Time march(std::chrono::seconds(1'709'251'200));
  CHECK_FALSE(metadata.outdated(march - std::chrono::microseconds(1)));
  CHECK(metadata.outdated(march));
}

TEST_CASE("a model is found by its AAGUID, with what people call it and the certificates that vouch for it") {
  const Metadata metadata =
      with({metadata_entry(other, "Other", {}), metadata_entry(model, "Token", {some_certificate()})});
  const auto found = metadata.entries(model, {});
  REQUIRE(found.size() == 1);
  CHECK(found[0]->description == "Token");
  CHECK(found[0]->roots == std::vector<core::Bytes>{some_certificate()});
  CHECK(found[0]->compromises.empty());
  CHECK(metadata.description(model) == "Token");
  CHECK(metadata.description(other) == "Other");
}

TEST_CASE("a model that the metadata does not know has no entry and no name") {
  const Metadata metadata = with({metadata_entry(model, "Token", {})});
  CHECK(metadata.entries(other, {}).empty());
  CHECK(metadata.description(other).empty());
  CHECK(metadata.description("").empty());
}

TEST_CASE("AAGUIDs in a blob may be in upper case") {
  CHECK(with({metadata_entry("FFFFFFFF-0506-0708-0102-030405060708", "Other", {})}).description(other) == "Other");
}

TEST_CASE("two entries about one model both count") {
  CHECK(with({metadata_entry(model, "A", {}), metadata_entry(model, "B", {})}).entries(model, {}).size() == 2);
}

TEST_CASE("an authenticator without an AAGUID is found by the key of a certificate") {
  const SoftKey& key = key_of(es256);
  const std::string identifier = key_identifier(key);
  const Metadata metadata = with({u2f_entry(identifier, "U2F token"), u2f_entry(std::string(40, '0'), "Another")});
  const auto paths = path_of(certificate_of(key));
  REQUIRE(metadata.entries(no_aaguid, paths).size() == 1);
  CHECK(metadata.entries(no_aaguid, paths)[0]->description == "U2F token");
  CHECK(metadata.entries(no_aaguid, {}).empty());
  CHECK(metadata.entries(no_aaguid, path_of(certificate_of(SoftKey::generate(es256)))).empty());
}

TEST_CASE("where there is an AAGUID, keys of certificates are not looked at") {
  const SoftKey& key = key_of(es256);
  const Metadata metadata = with({u2f_entry(key_identifier(key), "U2F token")});
  CHECK(metadata.entries(model, path_of(certificate_of(key))).empty());
}

TEST_CASE("key identifiers may be in upper case") {
  const SoftKey& key = key_of(es256);
  std::string upper = key_identifier(key);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return char(std::toupper(c)); });
  CHECK(with({u2f_entry(upper, "U2F token")}).entries(no_aaguid, path_of(certificate_of(key))).size() == 1);
}

TEST_CASE("the reports that are kept are those by which a model is not to be trusted") {
  const auto kept = [](const std::string& status) {
    Json entry = metadata_entry(model, "Token", {});
    report(entry, status);
    const Metadata metadata = with({entry});
    const auto& found = metadata.entries(model, {})[0]->compromises;
    return found.empty() ? "" : found[0].status;
  };
  for (const char* status : {"REVOKED", "USER_VERIFICATION_BYPASS", "ATTESTATION_KEY_COMPROMISE",
                             "USER_KEY_REMOTE_COMPROMISE", "USER_KEY_PHYSICAL_COMPROMISE"})
    CHECK(kept(status) == status);
  for (const char* status : {"FIDO_CERTIFIED_L1", "UPDATE_AVAILABLE", "NOT_FIDO_CERTIFIED", "revoked", "SOMETHING_NEW"})
    CHECK(kept(status).empty());
}

TEST_CASE("a compromised attestation key may be named by its certificate, other reports are about all") {
  Json entry = metadata_entry(model, "Token", {});
  report(entry, "ATTESTATION_KEY_COMPROMISE", some_certificate());
  report(entry, "REVOKED", some_certificate());
  report(entry, "ATTESTATION_KEY_COMPROMISE");
  report(entry, "ATTESTATION_KEY_COMPROMISE", {1, 2, 3});  // no certificate: it narrows nothing down
  const Metadata metadata = with({entry});
  const auto& found = metadata.entries(model, {})[0]->compromises;
  REQUIRE(found.size() == 4);
  CHECK(found[0].certificate == some_certificate());
  for (std::size_t i : {1u, 2u, 3u}) CHECK(found[i].certificate.empty());
}

TEST_CASE("a root that cannot be read is left out") {
  const Metadata metadata = with({metadata_entry(model, "Token", {{1, 2, 3}, some_certificate()})});
  CHECK(metadata.entries(model, {})[0]->roots == std::vector<core::Bytes>{some_certificate()});
}

TEST_CASE("a name that would harm a terminal or a log is left out") {
  const auto named = [](const std::string& description) {
    return std::string(with({metadata_entry(model, description, {})}).description(model));
  };
  CHECK(named("Größe 🔑").size() == std::string("Größe 🔑").size());
  CHECK(named(std::string(200, 'x')).size() == 200);
  CHECK(named(std::string(201, 'x')).empty());
  CHECK(named("a\nb").empty());
  CHECK(named(std::string("a\0b", 3)).empty());
  CHECK(named("a\u202eb").empty());
}

TEST_CASE("what is not understood is passed over: members, UAF entries, statements that are missing") {
  CHECK(fault_after([](Json& payload) {
          payload["new"] = Json::object({{"deep", Json::array({1, 2, nullptr})}});
          payload["entries"][0]["biometricStatusReports"] = 5;
          payload["entries"][0]["metadataStatement"]["new"] = Json::array();
          payload["entries"].push_back(Json::object({{"aaid", "1234#5678"}}));
        }).empty());
}

TEST_CASE("a payload without number, date or entries is refused") {
  for (const char* member : {"no", "nextUpdate", "entries"})
    CHECK(fault_after([&](Json& payload) { payload.erase(member); }) == "its payload lacks no, nextUpdate or entries");
}

TEST_CASE("a member of the wrong type refuses the blob and is named") {
  const auto wrong = [](const char* name) { return std::string("its member ") + name + " is of the wrong type"; };
  CHECK(fault_after([](Json& payload) { payload["no"] = "7"; }) == wrong("no"));
  CHECK(fault_after([](Json& payload) { payload["no"] = -7; }) == wrong("no"));
  CHECK(fault_after([](Json& payload) { payload["no"] = 7.5; }) == wrong("no"));
  CHECK(fault_after([](Json& payload) { payload["nextUpdate"] = 7; }) == wrong("nextUpdate"));
  CHECK(fault_after([](Json& payload) { payload["entries"] = Json::object(); }) == wrong("entries"));
  CHECK(fault_after([](Json& payload) { payload["entries"] = Json::array({1}); }) == wrong("entries"));
  CHECK(entry_fault([](Json& entry) { entry["aaguid"] = 1; }) == wrong("aaguid"));
  CHECK(entry_fault([](Json& entry) { entry["aaguid"] = nullptr; }) == wrong("aaguid"));
  constexpr auto keys = "attestationCertificateKeyIdentifiers";
  CHECK(entry_fault([&](Json& entry) { entry[keys] = "00"; }) == wrong(keys));
  CHECK(entry_fault([&](Json& entry) { entry[keys] = Json::array({1}); }) == wrong(keys));
  CHECK(entry_fault([](Json& entry) { entry["statusReports"] = Json::object(); }) == wrong("statusReports"));
  CHECK(entry_fault([](Json& entry) { entry["statusReports"] = Json::array({"REVOKED"}); }) == wrong("statusReports"));
  CHECK(entry_fault([](Json& entry) { entry["statusReports"][0]["status"] = 1; }) == wrong("status"));
  CHECK(entry_fault([](Json& entry) { entry["statusReports"][0]["certificate"] = 1; }) == wrong("certificate"));
  CHECK(entry_fault([](Json& entry) { entry["metadataStatement"] = Json::array(); }) == wrong("metadataStatement"));
  CHECK(entry_fault([](Json& entry) { entry["metadataStatement"]["description"] = 1; }) == wrong("description"));
  constexpr auto roots = "attestationRootCertificates";
  CHECK(entry_fault([&](Json& entry) { entry["metadataStatement"][roots] = "AA"; }) == wrong(roots));
  CHECK(entry_fault([&](Json& entry) { entry["metadataStatement"][roots] = Json::array({1}); }) == wrong(roots));
}

TEST_CASE("an AAGUID that is no UUID, and a report without a status, refuse the blob") {
  CHECK(entry_fault([](Json& entry) { entry["aaguid"] = "01020304"; }) == "its member aaguid is no UUID");
  CHECK(entry_fault([](Json& entry) { entry["statusReports"][0].erase("status"); }) ==
        "it has a status report without a status");
}

TEST_CASE("nextUpdate must be a date") {
  for (const char* text : {"", "2024-02-30", "2024-13-01", "2024-1-1", "2024/01/01", "2024/01-01", "2024-01/01",
                           "2024-01-01T00:00:00Z", "20x4-01-01", "2024-x1-01", "2024-01-0x", "-123-01-01", "1969-12-31",
                           "2024-00-01", "2024-01-00", "2024-01-011", "12024-01-01", "2024-01-3:", "2024-01-0/"})
    CHECK(fault_after([&](Json& payload) { payload["nextUpdate"] = text; }) == "its member nextUpdate is no date");
  CHECK(fault_after([](Json& payload) { payload["nextUpdate"] = "1970-01-01"; }).empty());
}

TEST_CASE("a payload that is no JSON object is refused") {
  const auto payload = [](const std::string& text) {
    MetadataBlob blob;
    blob.edit_payload_text = [&](std::string& body) { body = text; };
    return fault(blob);
  };
  CHECK(payload("[]") == "its member payload is of the wrong type");
  constexpr auto malformed = "its payload is not well-formed JSON";
  for (const char* text : {"", "{", "{\"no\":7", "\"", "{\"entries\":[{]}"}) CHECK(payload(text) == malformed);
  const std::string good = MetadataBlob().payload.dump();
  CHECK(payload(good + ' ').empty());
  CHECK(payload(good + "{}") == malformed);
  CHECK(payload(good + std::string(1, '\0')) == malformed);
  CHECK(payload(good + std::string(1, '\0') + "{}") == malformed);
}

TEST_CASE("a payload may be nested deeper than a stack would last") {
  constexpr std::size_t levels = 1'000'000;
  MetadataBlob blob;
  blob.edit_payload_text = [&](std::string& text) {
    text.insert(1, "\"new\":" + std::string(levels, '[') + std::string(levels, ']') + ',');
  };
  CHECK(fault(blob).empty());
}

TEST_CASE("a blob is read only if it is signed") {
  MetadataBlob blob;
  blob.edit_signature = [](core::Bytes& signature) { signature.back() ^= 1; };
  CHECK(fault(blob) == "its signature does not verify");
}

TEST_CASE("an AAGUID is written as a UUID, and kept in lower case") {
  CHECK(aaguid_named("FFFFFFFF-0506-0708-0102-030405060708") == other);
  CHECK(aaguid_named(no_aaguid) == std::string(no_aaguid));
  CHECK(aaguid_named("01234567-89ab-cdef-0123-456789ABCDEF") == "01234567-89ab-cdef-0123-456789abcdef");
  for (const char beyond : {'/', ':', '@', 'G', '`', 'g'})
    CHECK_FALSE(aaguid_named(beyond + std::string("1234567-89ab-cdef-0123-456789abcdef")));
  for (const char* text : {"", "ffffffff-0506-0708-0102-03040506070", "ffffffff-0506-0708-0102-0304050607080",
                           "ffffffff005060708-0102-030405060708", "gfffffff-0506-0708-0102-030405060708",
                           "ffffffff050607080102030405060708", "ffffffff-0506-0708-0102-03040506070-"})
    CHECK_FALSE(aaguid_named(text));
}

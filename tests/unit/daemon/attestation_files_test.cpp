// SPDX-License-Identifier: Apache-2.0
#include "daemon/attestation_files.hpp"

#include <sys/stat.h>

#include "tests/support/attestation_certificate.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fixed.hpp"
#include "tests/support/metadata_blob.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::daemon;
using namespace factord::tests;

namespace {

using Shared = std::shared_ptr<const webauthn::AttestationPolicy>;

// A directory with certificates and metadata, and settings that point there.
struct Files {
  Directory directory;
  AttestationSettings settings;

  std::filesystem::path path(const std::string& name) const { return directory.path() / name; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    tests::write(path(name), text);
    return path(name);
  }
  void use_anchors() {
    settings.trust_required = true;
    settings.trust_anchors = path("anchors");
    std::filesystem::create_directory(path("anchors"));
  }
  void use_metadata(const MetadataBlob& blob) {
    settings.metadata = write("blob.jwt", blob.text());
    settings.metadata_root = write("root.pem", to_pem(blob.root_certificate()));
  }
  Shared read() const { return read_attestation_policy(settings, FixedClock().at); }
  // What is wrong, with the directory cut away; "" where nothing is.
  std::string fault() const try {
    read();
    return "";
  } catch (const ConfigError& error) {
    const std::string prefix = directory.path().string() + "/", text = error.what();
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  }
};

const SoftKey& key() {
  static const SoftKey key = SoftKey::generate(es256);
  return key;
}

core::Bytes certificate(const std::string& name) {
  return make_named_certificate({.subject = name, .issuer = name, .authority = true}, key(), key());
}

std::string raw(const core::Bytes& bytes) { return std::string(core::text_of(bytes)); }

bool trusts(const Shared& policy, const std::string& name) {
  webauthn::CertificateChain chain;
  const core::Bytes issued = make_named_certificate({.subject = "Leaf", .issuer = name}, key(), key());
  chain.push_back(webauthn::Certificate::read(issued).value());
  return policy->anchors.vouch_for(chain, FixedClock().at);
}

constexpr auto model = "abababab-abab-abab-abab-abababababab";

}  // namespace

TEST_CASE("where nothing is set there is no policy") { CHECK(Files().read() == nullptr); }

TEST_CASE("lists alone make a policy that reads no file") {
  Files files;
  files.settings.allowed = {model};
  REQUIRE(files.read() != nullptr);
  CHECK(files.read()->allowed.contains(model));
  CHECK_FALSE(files.read()->trust_required);
  files.settings.allowed.clear();
  files.settings.denied = {model};
  REQUIRE(files.read() != nullptr);
  CHECK(files.read()->denied.contains(model));
}

TEST_CASE("anchors are all the certificates of a directory: PEM and DER, in files of four endings") {
  Files files;
  files.use_anchors();
  files.write("anchors/a.pem", to_pem(certificate("A")) + to_pem(certificate("A2")));
  files.write("anchors/b.crt", to_pem(certificate("B")));
  files.write("anchors/c.cer", raw(certificate("C")));
  files.write("anchors/d.der", raw(certificate("D")));
  files.write("anchors/notes.txt", "no certificate");
  std::filesystem::create_directory(files.path("anchors/old.pem"));
  std::filesystem::create_symlink("../e", files.path("anchors/e.pem"));
  files.write("e", to_pem(certificate("E")));
  const Shared policy = files.read();
  CHECK(policy->trust_required);
  for (const char* name : {"A", "A2", "B", "C", "D", "E"}) CHECK(trusts(policy, name));
  CHECK_FALSE(trusts(policy, "F"));
}

TEST_CASE("a file among the anchors that is none is an error that names it") {
  Files files;
  files.use_anchors();
  files.write("anchors/a.pem", to_pem(certificate("A")));
  files.write("anchors/b.pem", "nothing\n");
  CHECK(files.fault() == "anchors/b.pem: holds no certificate, or one that cannot be read");
  std::filesystem::remove(files.path("anchors/b.pem"));
  std::filesystem::create_symlink("nowhere", files.path("anchors/b.pem"));
  CHECK(files.fault() == "anchors/b.pem: No such file or directory");
  std::filesystem::remove(files.path("anchors/b.pem"));
  REQUIRE(mkfifo(files.path("anchors/b.pem").c_str(), 0600) == 0);
  CHECK(files.fault() == "anchors/b.pem: is not a file");
}

TEST_CASE("a directory of anchors that cannot be read, or holds none, is an error") {
  Files files;
  files.use_anchors();
  CHECK(files.fault() == "anchors: holds no certificates: nothing would be trusted");
  std::filesystem::remove(files.path("anchors"));
  CHECK(files.fault() == "anchors: No such file or directory");
  files.write("anchors", "");
  CHECK(files.fault() == "anchors: Not a directory");
}

TEST_CASE("anchors of more than 4 MiB together are too many") {
  Files files;
  files.use_anchors();
  const std::string one = to_pem(certificate("A"));
  const std::string filler(4 * 1'048'576 - 2 * one.size(), '\n');
  files.write("anchors/a.pem", one + filler);
  files.write("anchors/b.pem", one);
  CHECK(files.fault().empty());
  files.write("anchors/b.pem", one + '\n');
  CHECK(files.fault() == "anchors/b.pem: is too large: the certificates together may have 4 MiB");
}

TEST_CASE("metadata is read, and suffices as a source of trust") {
  Files files;
  MetadataBlob blob;
  blob.payload["entries"] = Json::array({metadata_entry(model, "Token", {})});
  files.use_metadata(blob);
  const Shared policy = files.read();
  REQUIRE(policy != nullptr);
  REQUIRE(policy->metadata);
  CHECK(policy->metadata->description(model) == "Token");
  CHECK_FALSE(policy->trust_required);
  files.settings.trust_required = true;
  CHECK(files.read()->trust_required);
}

TEST_CASE("a line's end after the metadata is no part of it") {
  Files files;
  const MetadataBlob blob;
  files.use_metadata(blob);
  files.write("blob.jwt", blob.text() + "\r\n");
  CHECK(files.fault().empty());
}

TEST_CASE("metadata must be signed by FIDO's own name, unless another is set") {
  Files files;
  MetadataBlob blob;
  blob.certificate.dns = "mds.example.org";
  files.use_metadata(blob);
  CHECK(files.fault() == "blob.jwt: refused as metadata: its signer's certificate is not for mds.fidoalliance.org");
  files.settings.metadata_signer = "mds.example.org";
  CHECK(files.fault().empty());
}

TEST_CASE("metadata that is missing, too large or not signed under the root is an error that names it") {
  Files files;
  files.use_metadata(MetadataBlob());
  files.write("root.pem", to_pem(MetadataBlob().root_certificate()));
  CHECK(files.fault() == "blob.jwt: refused as metadata: its signer's certificates do not lead to a root");
  std::filesystem::resize_file(files.path("blob.jwt"), 32 * 1'048'576 + 1);
  CHECK(files.fault() == "blob.jwt: is too large: 32 MiB are the limit");
  std::filesystem::remove(files.path("blob.jwt"));
  CHECK(files.fault() == "blob.jwt: No such file or directory");
  files.write("root.pem", "");
  CHECK(files.fault() == "root.pem: holds no certificate, or one that cannot be read");
}

TEST_CASE("metadata past its date is still used") {
  Files files;
  MetadataBlob blob;
  blob.payload["nextUpdate"] = "2001-01-01";
  files.use_metadata(blob);
  CHECK(files.read()->metadata);
}

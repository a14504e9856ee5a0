// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/trust_anchors.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/named_certificate.hpp"
#include "tests/unit/webauthn/expectations.hpp"

using namespace factord;
using namespace factord::tests;
using namespace factord::webauthn;

namespace {

using Der = core::Bytes;

// Root, intermediate and leaf, each with a key of its own.
struct Line {
  SoftKey root_key = SoftKey::generate(es256), middle_key = SoftKey::generate(es256), key = SoftKey::generate(es256);
  Der root = make_named_certificate({.subject = "Root", .issuer = "Root", .authority = true}, root_key, root_key);
  Der middle = make_named_certificate({.subject = "Middle", .issuer = "Root", .authority = true}, middle_key, root_key);
  Der leaf = make_named_certificate({.subject = "Leaf", .issuer = "Middle"}, key, middle_key);
};

CertificateChain chain(const std::vector<Der>& certificates) {
  CertificateChain out;
  for (const Der& der : certificates) out.push_back(Certificate::read(der).value());
  return out;
}

bool vouched(const std::vector<Der>& anchors, const std::vector<Der>& path, core::Time at = FixedClock().at) {
  return TrustAnchors(chain(anchors)).vouch_for(chain(path), at);
}

std::size_t count(const std::string& file) {
  const auto found = read_certificates(core::bytes_of(file));
  return found ? found->size() : 0;
}

std::string text(const Der& der) { return std::string(core::text_of(der)); }

}  // namespace

TEST_CASE("a file holds one certificate in DER, and nothing after it") {
  const Line line;
  CHECK(count(text(line.root)) == 1);
  CHECK(count(text(line.root) + "x") == 0);
  CHECK(count(text(line.root).substr(1)) == 0);
  CHECK(count("") == 0);
}

TEST_CASE("a file holds as many certificates as it has PEM blocks of them, among other blocks and text") {
  const Line line;
  CHECK(count(to_pem(line.root)) == 1);
  CHECK(count("# The root\n" + to_pem(line.root) + "\n# and another\n" + to_pem(line.leaf) + "the end\n") == 2);
  const std::string other = "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n";
  CHECK(count(other + to_pem(line.root)) == 1);
  CHECK(count(other) == 0);
  CHECK(count("no block at all\n") == 0);
}

TEST_CASE("one PEM block that cannot be read spoils the file") {
  const Line line;
  const std::string good = to_pem(line.root);
  CHECK(count(good + "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n") == 0);
  CHECK(count(good + "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n") == 0);
  CHECK(count(good + good.substr(0, good.size() / 2)) == 0);
}

TEST_CASE("a file of PEM blocks without a certificate among them holds none") {
  const std::string text = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
  CHECK_FALSE(read_certificates(core::bytes_of(text)));
  CHECK_FALSE(read_certificates({}));
}

TEST_CASE("the certificate that is read is the one in the file") {
  const Line line;
  const auto found = read_certificates(core::bytes_of(to_pem(line.root)));
  REQUIRE(found);
  CHECK(TrustAnchors(*found).vouch_for(chain({line.middle}), FixedClock().at));
}

TEST_CASE("JSON carries certificates in base64 with padding, even with line breaks") {
  const Line line;
  std::string encoded = to_base64(line.root);
  CHECK(read_base64_certificate(encoded));
  encoded.insert(64, "\r\n \t");
  CHECK(read_base64_certificate(encoded));
  CHECK_FALSE(read_base64_certificate(encoded.substr(4)));
  CHECK_FALSE(read_base64_certificate(encoded + "*"));
  CHECK_FALSE(read_base64_certificate(""));
}

TEST_CASE("every alphabet of base64 is read: plus and slash are digits") {
  const Line line;
  // Some of these certificates' encodings have them: keys are random.
  for (int i = 0; i < 8; ++i) {
    const Der der = make_named_certificate({.subject = "A", .issuer = "A"}, line.key, line.key);
    CHECK(read_base64_certificate(to_base64(der)));
  }
}

TEST_CASE("a chain is vouched for by its root, by an intermediate, and by the leaf itself") {
  const Line line;
  CHECK(vouched({line.root}, {line.leaf, line.middle}));
  CHECK(vouched({line.root}, {line.leaf, line.middle, line.root}));
  CHECK(vouched({line.middle}, {line.leaf}));
  CHECK(vouched({line.middle}, {line.leaf, line.middle}));
  CHECK(vouched({line.leaf}, {line.leaf}));
  CHECK(vouched({line.leaf}, {line.leaf, line.middle}));
}

TEST_CASE("one of several anchors is enough") {
  const Line line, other;
  CHECK(vouched({other.leaf, line.root}, {line.leaf, line.middle}));
}

TEST_CASE("nobody vouches for a chain that leads elsewhere, or has a gap") {
  const Line line, other;
  CHECK_FALSE(vouched({other.root}, {line.leaf, line.middle, line.root}));
  CHECK_FALSE(vouched({line.root}, {line.leaf}));
  CHECK_FALSE(vouched({line.root}, {line.leaf, other.middle}));
  CHECK_FALSE(vouched({other.leaf}, {line.leaf, line.middle}));
  CHECK_FALSE(vouched({line.root}, {}));
}

TEST_CASE("without anchors nobody is vouched for") {
  const Line line;
  CHECK(TrustAnchors().empty());
  CHECK(TrustAnchors(CertificateChain()).empty());
  CHECK_FALSE(TrustAnchors(chain({line.root})).empty());
  CHECK_FALSE(vouched({}, {line.root}));
}

TEST_CASE("what brings itself along is not trusted for that") {
  const Line line;
  CHECK_FALSE(vouched({line.leaf}, {line.root}));
  CHECK_FALSE(vouched({line.leaf}, {line.middle, line.leaf}));
}

TEST_CASE("who is no authority cannot issue, even as an anchor") {
  const Line line;
  const Der under_leaf = make_named_certificate({.subject = "Below", .issuer = "Leaf"}, line.middle_key, line.key);
  CHECK_FALSE(vouched({line.leaf}, {under_leaf}));
  CHECK_FALSE(vouched({line.root}, {under_leaf, line.leaf, line.middle}));
}

TEST_CASE("every certificate of a path must be valid at the time, the anchor too") {
  const Line line;
  const core::Time now = FixedClock().at;
  const auto root = [&](core::Time from, core::Time to) {
    return make_named_certificate(
        {.subject = "Root", .issuer = "Root", .authority = true, .not_before = from, .not_after = to}, line.root_key,
        line.root_key);
  };
  const std::chrono::hours hour(1);
  CHECK(vouched({root(now - hour, now + hour)}, {line.leaf, line.middle}));
  CHECK_FALSE(vouched({root(now - 2 * hour, now - hour)}, {line.leaf, line.middle}));
  CHECK_FALSE(vouched({root(now + hour, now + 2 * hour)}, {line.leaf, line.middle}));
  CHECK_FALSE(vouched({line.root}, {line.leaf, line.middle}, core::Time(std::chrono::seconds(2'600'000'000))));
}

TEST_CASE("a critical extension that nobody knows ends the path") {
  const Line line;
  const Der leaf = make_named_certificate(
      {.subject = "Leaf", .issuer = "Root", .critical_unknown = "1.3.6.1.4.1.99999.1"}, line.key, line.root_key);
  CHECK_FALSE(vouched({line.root}, {leaf}));
}

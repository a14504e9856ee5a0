// SPDX-License-Identifier: Apache-2.0
// What the configuration may say about attestation.
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/config_files.hpp"

using namespace factord;
using namespace factord::tests::configuration;

TEST_CASE("a browser may be asked for no attestation, for any, or for the authenticator's own") {
  const auto asked = [](const std::string& word) {
    return of("[RelyingParty]\nAttestation=" + word + "\n").policy.attestation;
  };
  CHECK(asked("none") == webauthn::AttestationConveyance::none);
  CHECK(asked("indirect") == webauthn::AttestationConveyance::indirect);
  CHECK(asked("direct") == webauthn::AttestationConveyance::direct);
}

TEST_CASE("a value about attestation that is not understood is an error with its line") {
  const auto wrong = [](const std::string& line) { return fault("[RelyingParty]\n" + line + "\n"); };
  for (const std::string key : {"TrustAnchors", "Metadata", "MetadataRoot"})
    CHECK(wrong(key + "=anchors") == "factord.conf:2: " + key + "= must be an absolute path");
  for (const std::string key : {"AllowedAuthenticators", "DeniedAuthenticators"})
    CHECK(wrong(key + "=00000000-0000-0000-0000-000000000000 token") ==
          "factord.conf:2: " + key + "= must hold AAGUIDs such as 00000000-0000-0000-0000-000000000000");
  CHECK(wrong("MetadataSigner=*.example.org") == "factord.conf:2: MetadataSigner= must be a domain in lower case");
  CHECK(wrong("RequireTrustedAttestation=maybe") == "factord.conf:2: RequireTrustedAttestation= must be yes or no");
}

TEST_CASE("settings about attestation that contradict each other are an error that names the file") {
  const auto wrong = [](const std::string& lines) { return fault("[RelyingParty]\n" + lines); };
  const std::string place = "factord.conf: [RelyingParty] ";
  const std::string anchors = "TrustAnchors=/anchors\n", required = "RequireTrustedAttestation=yes\n",
                    direct = "Attestation=direct\n", metadata = "Metadata=/blob\n", root = "MetadataRoot=/root\n";
  CHECK(wrong(required + anchors) ==
        place + "RequireTrustedAttestation=yes needs Attestation=direct or indirect: else nobody is asked for one");
  CHECK(wrong(required + direct) ==
        place + "RequireTrustedAttestation=yes needs TrustAnchors= or Metadata=: else nothing is trusted");
  CHECK(wrong(direct + anchors) == place + "TrustAnchors= does nothing without RequireTrustedAttestation=yes");
  CHECK(wrong(metadata) == place + "Metadata= needs MetadataRoot=: else anybody could have signed it");
  CHECK(wrong(root) == place + "MetadataRoot= and MetadataSigner= do nothing without Metadata=");
  CHECK(wrong("MetadataSigner=a.example\n") ==
        place + "MetadataRoot= and MetadataSigner= do nothing without Metadata=");
  CHECK(wrong("AllowedAuthenticators=abababab-abab-abab-abab-abababababab cdcdcdcd-abab-abab-abab-abababababab\n"
              "DeniedAuthenticators=CDCDCDCD-abab-abab-abab-abababababab\n") ==
        place + "AllowedAuthenticators= and DeniedAuthenticators= name the same one");
  for (const std::string& good :
       {required + direct + anchors, required + "Attestation=indirect\n" + anchors, required + direct + metadata + root,
        metadata + root, direct, direct + metadata + root})
    CHECK(wrong(good).empty());
}

TEST_CASE("a drop-in can resolve a contradiction, or make one") {
  const Files files;
  files.write("[RelyingParty]\nRequireTrustedAttestation=yes\nAttestation=direct\n");
  files.drop("a.conf", "[RelyingParty]\nTrustAnchors=/anchors\n");
  CHECK(files.fault().empty());
  files.drop("b.conf", "[RelyingParty]\nTrustAnchors=\n");
  CHECK(files.fault().starts_with("factord.conf: [RelyingParty] RequireTrustedAttestation=yes needs TrustAnchors="));
}

// SPDX-License-Identifier: Apache-2.0
// Mints blobs as the FIDO Metadata Service publishes them, right ones by default, each with a root of its own. The edit
// functions are called before signing, so that one defect can be made and all else stays right.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/named_certificate.hpp"

namespace factord::tests {

using Json = nlohmann::ordered_json;

struct MetadataBlob {
  SoftKey root = SoftKey::generate(es256);
  SoftKey key = SoftKey::generate(es256);
  std::string algorithm = "ES256";  // ES256, RS256, PS256; else a signature of zeros
  CertificateNames certificate{.subject = "Signer", .issuer = "Root", .dns = "mds.fidoalliance.org"};
  Json payload{{"legalHeader", "Mind the terms"}, {"no", 7}, {"nextUpdate", "2099-12-31"}, {"entries", Json::array()}};
  std::function<void(Json&)> edit_header;
  std::function<void(std::string&)> edit_payload_text;
  std::function<void(std::string&)> edit_encoded_payload;  // its base64url
  std::function<void(core::Bytes&)> edit_signature;

  core::Bytes root_certificate() const;  // DER
  core::Bytes signer_certificate() const;
  std::string text() const;
};

// An entry about authenticators of that AAGUID.
Json metadata_entry(const std::string& aaguid, const std::string& description, const std::vector<core::Bytes>& roots);

// Adds a status report to an entry; `certificate` is DER, empty for a report that names none.
void report(Json& entry, const std::string& status, const core::Bytes& certificate = {});

}  // namespace factord::tests

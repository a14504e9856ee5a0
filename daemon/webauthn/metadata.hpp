// SPDX-License-Identifier: Apache-2.0
// What the FIDO Metadata Service (version 3) says about models of authenticators: which certificates vouch for them,
// whether they are known to be broken, what people call them. Of a blob of many megabytes only that is kept.
// Immutable once read; any thread, several at once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "daemon/webauthn/jws.hpp"

namespace factord::webauthn {

// A report by which authenticators of a model are not to be trusted any more.
struct StatusReport {
  std::string status;       // "REVOKED"
  core::Bytes certificate;  // DER; the report is about what this one vouches for alone. Empty: about the whole model
};

struct MetadataEntry {
  std::string description;         // printable; empty where the statement's is not
  std::vector<core::Bytes> roots;  // DER
  std::vector<StatusReport> compromises;
};

class Metadata {
 public:
  // A blob as the service publishes it. Throws BlobError.
  static Metadata read(std::string_view blob, const JwsSigner& signer, core::Time at);

  // Its entries about an authenticator: by the AAGUID (a UUID in lower case) or, where that is all zeros as with U2F
  // tokens, by the keys of its certificates.
  std::vector<const MetadataEntry*> entries(std::string_view aaguid, const std::vector<CertificateChain>& paths) const;
  // What people call it; empty where that is not known.
  std::string_view description(std::string_view aaguid) const;

  std::uint64_t number() const { return number_; }
  std::size_t size() const { return entries_.size(); }
  // Is the day over on which a newer blob should have been there?
  bool outdated(core::Time at) const { return at >= next_update_ + std::chrono::days(1); }

 private:
  friend class MetadataReader;

  std::uint64_t number_ = 0;
  core::Time next_update_{};
  std::vector<MetadataEntry> entries_;
  // Indexes into entries_. Two entries about one model both count.
  std::multimap<std::string, std::size_t, std::less<>> by_aaguid_;
  std::multimap<std::string, std::size_t, std::less<>> by_key_;  // hexadecimal digits, in lower case
};

// A UUID in lower case, as Metadata and NewCredential write AAGUIDs. Nothing where `text` is no UUID.
std::optional<std::string> aaguid_named(std::string_view text);

inline constexpr std::string_view no_aaguid = "00000000-0000-0000-0000-000000000000";

}  // namespace factord::webauthn

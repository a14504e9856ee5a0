// SPDX-License-Identifier: Apache-2.0
// An authenticator and a browser in one, made of software: makes and signs registrations and assertions as JSON, right
// ones by default. Every member may be set, and the edit functions are called before signing, so a test can make one
// defect and leave all else, signatures included, right.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "tests/support/attestation_certificate.hpp"
#include "tests/support/cbor_writer.hpp"
#include "tests/support/platform_statement.hpp"
#include "tests/support/soft_key.hpp"
#include "tests/support/tpm_statement.hpp"

namespace factord::tests {

using Json = nlohmann::ordered_json;

enum class Format { none, packed_self, packed_x5c, fido_u2f, tpm, android_key, apple, compound };

struct Flags {
  bool user_present = true;
  bool user_verified = true;
  bool backup_eligible = false;
  bool backed_up = false;
};

// What client and authenticator put into either ceremony.
struct Ceremony {
  std::string rp_id = "example.org";
  std::string origin = "https://example.org";
  std::string challenge = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  core::Bytes credential_id = core::Bytes(32, 0x5a);
  Flags flags;
  std::uint32_t sign_count = 0;
  core::Bytes extensions;  // a CBOR map; sets ED
  Json client_extension_results = Json::object();
  std::function<void(Json&)> edit_client_data;
  std::function<void(std::string&)> edit_client_data_text;
  std::function<void(core::Bytes&)> edit_authenticator_data;
  std::function<void(Json&)> edit_credential;  // the outer JSON, after signing
};

struct Registration : Ceremony {
  Format format = Format::none;
  std::vector<std::string> transports{"usb"};
  core::Bytes aaguid = core::Bytes(16, 0);
  std::optional<core::Bytes> cose_key;     // instead of the key's own
  std::optional<SoftKey> attestation_key;  // for x5c; else one is made, or is the credential's key where it should be
  CertificateProfile certificate;          // likewise; profile_of() has those of the formats
  bool send_issuer = false;                // x5c holds the issuer's certificate too
  std::optional<core::Bytes> x5c_first;    // DER, instead of the certificate made from the profile
  TpmEdits tpm;
  PlatformEdits platform;                                              // android-key and apple
  std::vector<Format> parts{Format::packed_self, Format::packed_x5c};  // of a compound statement
  std::function<void(core::Bytes&)> edit_attestation_signature;
  std::function<void(cbor::Entries&)> edit_statement;  // of a compound one: each part's
  std::function<void(std::vector<core::Bytes>&)> edit_parts;
  std::function<void(cbor::Entries&)> edit_attestation_object;
};

struct Assertion : Ceremony {
  std::optional<core::Bytes> user_handle;
  std::optional<std::string> appid;  // sign for this AppID instead of the RP ID, and say so
  std::function<void(core::Bytes&)> edit_signature;
};

// The right certificate for that format, but for what depends on the registration.
CertificateProfile profile_of(Format format);

// RegistrationResponseJSON, as toJSON() of a browser gives it.
std::string make_registration(const SoftKey& key, const Registration& registration);

// AuthenticationResponseJSON.
std::string make_assertion(const SoftKey& key, const Assertion& assertion);

}  // namespace factord::tests

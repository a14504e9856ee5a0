// SPDX-License-Identifier: Apache-2.0
// What Android and Apple put into the certificate of a credential's key.
#pragma once

#include <functional>
#include <vector>

#include "core/bytes.hpp"
#include "tests/support/attestation_certificate.hpp"
#include "tests/support/der_writer.hpp"

namespace factord::tests {

// KeyDescription; each member as encoded, so that a test can put anything in the place of one.
struct SoftKeyDescription {
  using Fields = std::vector<core::Bytes>;
  core::Bytes head = der::joined({der::integer(3), der::enumerated(1), der::integer(4), der::enumerated(1)});
  core::Bytes challenge;
  core::Bytes unique_id = der::octets({});
  Fields software;  // the fields of an AuthorizationList
  Fields hardware;
  core::Bytes last;  // a member too many

  core::Bytes encoded() const;
};

// Fields of an AuthorizationList.
core::Bytes purposes(const std::vector<std::uint8_t>& values);
core::Bytes origin(std::uint8_t value);
core::Bytes all_applications();

// Changes of the description, and of the extension's content, before the certificate is made.
struct PlatformEdits {
  std::function<void(SoftKeyDescription&)> description;
  std::function<void(core::Bytes&)> extension;
};

// WebAuthn Level 3 section 8.4.1: generated in hardware, for signing.
CertificateExtension android_extension(core::ByteView client_data_hash, const PlatformEdits& edits);
// Section 8.8.
CertificateExtension apple_extension(core::ByteView nonce, const PlatformEdits& edits);

// As Android makes them: without Basic Constraints.
CertificateProfile android_profile();

}  // namespace factord::tests

// SPDX-License-Identifier: Apache-2.0
#include "tests/support/platform_statement.hpp"

namespace factord::tests {

using core::Bytes;
using core::ByteView;

Bytes purposes(const std::vector<std::uint8_t>& values) {
  std::vector<Bytes> items;
  for (const std::uint8_t value : values) items.push_back(der::integer(value));
  return der::field(1, der::set(items));
}

Bytes origin(std::uint8_t value) { return der::field(702, der::integer(value)); }

Bytes all_applications() { return der::field(600, der::null()); }

Bytes SoftKeyDescription::encoded() const {
  return der::sequence({head, challenge, unique_id, der::sequence(software), der::sequence(hardware), last});
}

CertificateExtension android_extension(ByteView client_data_hash, const PlatformEdits& edits) {
  SoftKeyDescription description;
  description.challenge = der::octets(client_data_hash);
  description.software = {der::field(701, der::integer(1))};  // creationDateTime
  description.hardware = {purposes({2}), der::field(2, der::integer(3)), der::field(503, der::null()), origin(0)};
  if (edits.description) edits.description(description);
  Bytes content = description.encoded();
  if (edits.extension) edits.extension(content);
  return {"1.3.6.1.4.1.11129.2.1.17", content, false};
}

CertificateExtension apple_extension(ByteView nonce, const PlatformEdits& edits) {
  Bytes content = der::sequence({der::field(1, der::octets(nonce))});
  if (edits.extension) edits.extension(content);
  return {"1.2.840.113635.100.8.2", content, false};
}

CertificateProfile android_profile() {
  CertificateProfile out;
  out.country = out.organization = out.unit = "";
  out.common_name = "Android Keystore Key";
  out.basic_constraints.clear();
  return out;
}

}  // namespace factord::tests

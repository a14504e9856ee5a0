// SPDX-License-Identifier: Apache-2.0
// FIDO metadata and the signature around it. Input: a byte that says what the rest is: the payload, to be signed; the
// header's text, to be signed with a payload; the signature of a blob; or a whole blob.
#include "daemon/webauthn/metadata.hpp"

#include "core/base64url.hpp"
#include "core/text.hpp"
#include "tests/fuzz/oracle.hpp"
#include "tests/support/fixed.hpp"
#include "tests/support/metadata_blob.hpp"

namespace factord::fuzz {
namespace {

using namespace webauthn;

enum class Part { payload, header, signature, blob, count };

const tests::MetadataBlob& good_blob() {
  static const tests::MetadataBlob blob;
  return blob;
}

const JwsSigner& signer() {
  static const JwsSigner signer = [] {
    CertificateChain roots;
    roots.push_back(Certificate::read(good_blob().root_certificate()).value());
    return JwsSigner{TrustAnchors(roots), "mds.fidoalliance.org"};
  }();
  return signer;
}

std::string blob_with(Part part, std::string_view input) {
  if (part == Part::blob) return std::string(input);
  tests::MetadataBlob blob = good_blob();
  if (part == Part::payload) blob.edit_payload_text = [&](std::string& text) { text = input; };
  if (part == Part::header)
    blob.edit_header = [&](tests::Json& header) {
      const tests::Json given = tests::Json::parse(input, nullptr, false);
      if (given.is_object()) header.update(given);
    };
  if (part == Part::signature)
    blob.edit_signature = [&](core::Bytes& bytes) { bytes.assign(input.begin(), input.end()); };
  return blob.text();
}

void check(const Metadata& read, Part part) {
  promise(part == Part::payload || part == Part::header, "nobody else signs");
  for (const MetadataEntry* entry : read.entries(no_aaguid, {}))
    promise(core::printable(entry->description), "what is shown can be shown");
  promise(core::printable(read.description("01020304-0506-0708-0102-030405060708")), "what is shown can be shown");
}

}  // namespace
}  // namespace factord::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace factord;
  if (size == 0) return 0;
  const auto part = static_cast<fuzz::Part>(data[0] % static_cast<unsigned>(fuzz::Part::count));
  try {
    const std::string blob = fuzz::blob_with(part, core::text_of({data + 1, size - 1}));
    fuzz::check(webauthn::Metadata::read(blob, fuzz::signer(), tests::FixedClock().at), part);
  } catch (const webauthn::BlobError& error) {
    fuzz::promise(core::printable(error.what()), "what is wrong can be shown");
  } catch (const nlohmann::json::exception&) {
    // The header has text that the other library does not write
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// What is read accounts for every byte: put together again it is the input, and no byte may be missing or left over.
#include "daemon/webauthn/authenticator_data.hpp"

#include "tests/fuzz/oracle.hpp"
#include "tests/support/cbor_writer.hpp"

namespace factord::fuzz {
namespace {

using namespace webauthn;

void check_flags(const AuthenticatorData& read, std::uint8_t flags) {
  promise(read.user_present == ((flags & 0x01) != 0), "bit 0 is user presence");
  promise(read.user_verified == ((flags & 0x04) != 0), "bit 2 is user verification");
  promise(read.backup_eligible == ((flags & 0x08) != 0), "bit 3 is eligibility for backup");
  promise(read.backed_up == ((flags & 0x10) != 0), "bit 4 is the state of backup");
  promise(read.attested.has_value() == ((flags & 0x40) != 0), "bit 6 tells of attested data");
}

core::Bytes written(const AuthenticatorData& read, std::uint8_t flags) {
  core::Bytes out(read.rp_id_hash.begin(), read.rp_id_hash.end());
  out.push_back(flags);
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(read.sign_count >> shift));
  if (!read.attested) return out;
  const std::size_t size = read.attested->credential_id.size();
  tests::cbor::append(out, read.attested->aaguid);
  tests::cbor::append(out, core::Bytes{static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)});
  tests::cbor::append(out, read.attested->credential_id);
  tests::cbor::append(out, read.attested->public_key.encoded);
  return out;
}

void check(const AuthenticatorData& read, core::ByteView bytes) {
  const std::uint8_t flags = bytes[32];
  check_flags(read, flags);
  const core::Bytes known = written(read, flags);
  promise(known.size() <= bytes.size() && same(known, bytes.first(known.size())), "written again it is the same");
  const core::ByteView rest = bytes.subspan(known.size());
  promise(rest.empty() == ((flags & 0x80) == 0), "bit 7 tells of extension outputs");
  const auto extensions = read_whole_cbor(rest);
  promise(rest.empty() || (extensions && extensions->is(CborValue::Kind::map)), "extension outputs are one map");
  promise(!read_authenticator_data(with_a_byte_more(bytes)), "no byte is left over");
  promise(!read_authenticator_data(bytes.first(bytes.size() - 1)), "no byte is missing");
  if (read.attested) promise(to_uuid(read.attested->aaguid).size() == 36, "an AAGUID is a UUID");
}

}  // namespace
}  // namespace factord::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const factord::core::ByteView bytes(data, size);
  if (const auto read = factord::webauthn::read_authenticator_data(bytes)) factord::fuzz::check(*read, bytes);
  return 0;
}

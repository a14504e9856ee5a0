// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/authenticator_data.hpp"

namespace factord::webauthn {
namespace {

constexpr std::size_t hash_size = 32;
constexpr std::size_t aaguid_size = 16;

enum Flag : std::uint8_t { up = 0x01, uv = 0x04, be = 0x08, bs = 0x10, at = 0x40, ed = 0x80 };

// Takes `size` bytes off `rest`; nothing where there are fewer.
std::optional<core::ByteView> take(core::ByteView& rest, std::size_t size) {
  if (rest.size() < size) return std::nullopt;
  const core::ByteView taken = rest.first(size);
  rest = rest.subspan(size);
  return taken;
}

// At most four bytes, the most significant first.
std::optional<std::uint32_t> take_number(core::ByteView& rest, std::size_t size) {
  const auto bytes = take(rest, size);
  if (!bytes) return std::nullopt;
  std::uint32_t number = 0;
  for (const std::uint8_t byte : *bytes) number = number << 8 | byte;
  return number;
}

std::optional<CborValue> take_map(core::ByteView& rest) {
  auto map = read_cbor(rest);
  if (!map || !map->is(CborValue::Kind::map)) return std::nullopt;
  rest = rest.subspan(map->encoded.size());
  return map;
}

std::optional<AttestedCredential> take_attested(core::ByteView& rest) {
  const auto aaguid = take(rest, aaguid_size);
  const auto size = aaguid ? take_number(rest, 2) : std::nullopt;
  const auto credential_id = size ? take(rest, *size) : std::nullopt;
  auto key = credential_id ? take_map(rest) : std::nullopt;
  if (!key) return std::nullopt;
  return AttestedCredential{*aaguid, *credential_id, std::move(*key)};
}

}  // namespace

std::optional<AuthenticatorData> read_authenticator_data(core::ByteView bytes) {
  AuthenticatorData data;
  data.encoded = bytes;
  core::ByteView rest = bytes;
  const auto hash = take(rest, hash_size);
  const auto flags = take_number(rest, 1);
  const auto count = take_number(rest, 4);
  if (!hash || !count) return std::nullopt;  // without flags there is no count either
  data.rp_id_hash = *hash;
  data.sign_count = *count;
  data.user_present = (*flags & up) != 0;
  data.user_verified = (*flags & uv) != 0;
  data.backup_eligible = (*flags & be) != 0;
  data.backed_up = (*flags & bs) != 0;
  if ((*flags & at) != 0 && !(data.attested = take_attested(rest))) return std::nullopt;
  if ((*flags & ed) != 0 && !take_map(rest)) return std::nullopt;
  if (!rest.empty()) return std::nullopt;
  return data;
}

std::string to_uuid(core::ByteView aaguid) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < aaguid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits[aaguid[i] >> 4];
    text += digits[aaguid[i] & 15];
  }
  return text;
}

}  // namespace factord::webauthn

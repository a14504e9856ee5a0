// SPDX-License-Identifier: Apache-2.0
#include "storage/keyring.hpp"

#include <sodium.h>

#include <array>

#include "core/failure.hpp"
#include "storage/layout.hpp"

namespace factord::storage {
namespace {

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t wrapped_size = nonce_size + key_size + tag_size;

constexpr std::uint64_t kdf_id = 1;
constexpr char slot_context[] = "fctdslot";
constexpr std::array<const char*, 10> sub_key_contexts = {"fctdstor", "fctdownr", "fctdfact", "fctdseed", "fctdjrnl",
                                                          "fctdhash", "fctdchai", "fctdbudg", "fctdcode", "fctdchsh"};
static_assert(crypto_kdf_CONTEXTBYTES == 8 && crypto_kdf_KEYBYTES == key_size);

core::Secret slot_key(const core::Secret& master_key) {
  core::Secret key(key_size);
  crypto_kdf_derive_from_key(key.bytes().data(), key_size, kdf_id, slot_context, master_key.view().data());
  return key;
}

Layout slot_place(const KeySlot& slot, core::ByteView store_id) {
  Layout place;
  place.bytes(core::bytes_of(slot_context)).bytes(store_id).number(slot.row);
  place.number(static_cast<std::int64_t>(slot.type)).number(slot.generation);
  return place;
}

}  // namespace

void wrap(KeySlot& slot, core::ByteView store_id, const core::Secret& data_key, const core::Secret& master_key,
          core::Random& random) {
  slot.wrapped.resize(wrapped_size);
  random.fill({slot.wrapped.data(), nonce_size});
  const Layout place = slot_place(slot, store_id);
  const core::Secret key = slot_key(master_key);
  crypto_aead_xchacha20poly1305_ietf_encrypt(slot.wrapped.data() + nonce_size, nullptr, data_key.view().data(),
                                             key_size, place.view().data(), place.view().size(), nullptr,
                                             slot.wrapped.data(), key.view().data());
}

std::optional<core::Secret> unwrap(const KeySlot& slot, core::ByteView store_id, const core::Secret& master_key) {
  if (slot.wrapped.size() != wrapped_size) return std::nullopt;
  const Layout place = slot_place(slot, store_id);
  const core::Secret key = slot_key(master_key);
  core::Secret data_key(key_size);
  const int result = crypto_aead_xchacha20poly1305_ietf_decrypt(
      data_key.bytes().data(), nullptr, nullptr, slot.wrapped.data() + nonce_size, slot.wrapped.size() - nonce_size,
      place.view().data(), place.view().size(), slot.wrapped.data(), key.view().data());
  if (result != 0) return std::nullopt;
  return data_key;
}

Keyring::Keyring(const core::Secret& data_key, std::uint32_t generation)
    : keys_(sub_key_contexts.size() * key_size), generation_(generation) {
  for (std::size_t i = 0; i < sub_key_contexts.size(); ++i) {
    crypto_kdf_derive_from_key(keys_.bytes().data() + i * key_size, key_size, kdf_id, sub_key_contexts[i],
                               data_key.view().data());
  }
}

core::ByteView Keyring::key(SubKey use) const {
  return keys_.view().subspan(static_cast<std::size_t>(use) * key_size, key_size);
}

}  // namespace factord::storage

// SPDX-License-Identifier: Apache-2.0
#include "storage/seal.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "core/failure.hpp"

namespace factord::storage {
namespace {

// The version of this very layout, not of the tables: a migration must not have to reseal the store.
constexpr std::uint8_t format = 1;
constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t generation_at = 1;
constexpr std::size_t nonce_at = generation_at + 4;
constexpr std::size_t body_at = nonce_at + nonce_size;
constexpr std::size_t around = body_at + tag_size;

constexpr std::size_t associated_size = 1 + 4 + store_id_size + 1 + 3 * 8;

template <typename Number>
void put(std::uint8_t*& at, Number value) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) *at++ = static_cast<std::uint8_t>(std::uint64_t(value) >> (8 * i));
}

std::array<std::uint8_t, associated_size> associated(const Place& place, std::uint32_t generation,
                                                     core::ByteView store_id) {
  std::array<std::uint8_t, associated_size> bytes;
  std::uint8_t* at = bytes.data();
  put(at, format);
  put(at, generation);
  at = std::ranges::copy(store_id, at).out;
  put(at, static_cast<std::uint8_t>(place.table));
  put(at, place.row);
  put(at, place.owner);
  put(at, place.version);
  return bytes;
}

SubKey sub_key(Table table) {
  switch (table) {
    case Table::store:
      return SubKey::store;
    case Table::owner:
      return SubKey::owner;
    case Table::factor:
      return SubKey::factor;
    case Table::seed:
      return SubKey::seed;
    case Table::journal:
      return SubKey::journal;
    case Table::budget:
      return SubKey::budget;
    case Table::code:
      return SubKey::code;
  }
  throw std::logic_error("no such table");
}

// Plain bytes are filled up to `least`, beyond it to a multiple of `step`.
struct Bucket {
  std::size_t least, step;
};

Bucket bucket(Table table) {
  switch (table) {
    case Table::factor:
      return {512, 256};
    case Table::owner:
      return {256, 256};
    default:
      return {128, 128};
  }
}

std::size_t padded_size(Table table, std::size_t size) {
  const auto [least, step] = bucket(table);
  return std::max(least, (size + step - 1) / step * step);
}

class Wipe {
 public:
  explicit Wipe(std::span<std::uint8_t> bytes) : bytes_(bytes) {}
  Wipe(const Wipe&) = delete;
  Wipe& operator=(const Wipe&) = delete;
  ~Wipe() { sodium_memzero(bytes_.data(), bytes_.size()); }

 private:
  std::span<std::uint8_t> bytes_;
};

[[noreturn]] void damaged(const Place& place) {
  throw core::Error(core::failure::record_damaged, "table " + std::to_string(int(place.table)) + ", row " +
                                                       std::to_string(place.row) + " does not open");
}

}  // namespace

Sealer::Sealer(std::shared_ptr<const Keyring> keyring, core::ByteView store_id, core::Random& random)
    : keyring_(std::move(keyring)),
      store_id_(store_id.begin(), store_id.end()),
      random_(random),
      padded_seed_(padded_size(Table::seed, largest_seed + 2)) {}

core::Bytes Sealer::close(const Place& place, core::ByteView plain) {
  core::Bytes sealed(around + plain.size());
  sealed[0] = format;
  std::uint8_t* at = sealed.data() + generation_at;
  put(at, keyring_->generation());
  random_.fill({at, nonce_size});
  const auto data = associated(place, keyring_->generation(), store_id_);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + body_at, nullptr, plain.data(), plain.size(), data.data(),
                                             data.size(), nullptr, sealed.data() + nonce_at,
                                             keyring_->key(sub_key(place.table)).data());
  return sealed;
}

bool Sealer::unseal(const Place& place, core::ByteView sealed, std::uint8_t* plain) const {
  const auto data = associated(place, keyring_->generation(), store_id_);
  // Format and generation stand in front; only those that this daemon writes can open.
  if (std::memcmp(sealed.data(), data.data(), nonce_at) != 0) return false;
  return crypto_aead_xchacha20poly1305_ietf_decrypt(
             plain, nullptr, nullptr, sealed.data() + body_at, sealed.size() - body_at, data.data(), data.size(),
             sealed.data() + nonce_at, keyring_->key(sub_key(place.table)).data()) == 0;
}

core::Bytes Sealer::seal(const Place& place, std::string_view record) {
  core::Bytes plain(padded_size(place.table, record.size() + 1));
  std::ranges::copy(record, plain.begin());
  plain[record.size()] = 0x80;  // ISO/IEC 7816-4: a mark, then zeros
  return close(place, plain);
}

std::string Sealer::open(const Place& place, core::ByteView sealed) const {
  if (sealed.size() < around) damaged(place);
  std::string plain(sealed.size() - around, '\0');
  if (!unseal(place, sealed, reinterpret_cast<std::uint8_t*>(plain.data()))) damaged(place);
  const std::size_t mark = plain.find_last_not_of('\0');
  if (mark == std::string::npos || plain[mark] != '\x80') damaged(place);
  plain.resize(mark);
  return plain;
}

core::Bytes Sealer::seal_seed(const Place& place, core::ByteView seed) {
  if (seed.size() > largest_seed) {
    throw core::Error::because(core::failure::bad_argument, "Secret is too long");
  }
  std::uint8_t* at = padded_seed_.bytes().data();
  put(at, static_cast<std::uint16_t>(seed.size()));
  std::ranges::copy(seed, at);
  const std::size_t size = padded_size(Table::seed, seed.size() + 2);
  const Wipe wipe(padded_seed_.bytes().first(size));
  return close(place, padded_seed_.view().first(size));
}

void Sealer::with_seed(const Place& place, core::ByteView sealed, const std::function<void(core::ByteView)>& look) {
  if (sealed.size() < around + 2 || sealed.size() - around > padded_seed_.size()) damaged(place);
  const auto plain = padded_seed_.bytes().first(sealed.size() - around);
  const Wipe wipe(plain);
  if (!unseal(place, sealed, plain.data())) damaged(place);
  const std::size_t size = plain[0] | std::size_t{plain[1]} << 8;
  if (size + 2 > plain.size()) damaged(place);
  look(plain.subspan(2, size));
}

}  // namespace factord::storage

// SPDX-License-Identifier: Apache-2.0
#include "daemon/otp/recovery_codes.hpp"

#include <sodium.h>

#include "core/failure.hpp"
#include "daemon/otp/written_code.hpp"

namespace factord::otp {
namespace {

// 128 bits: the codes have fewer.
constexpr std::size_t hash_size = 16;
static_assert(hash_size >= crypto_pwhash_BYTES_MIN);

}  // namespace

core::Bytes hash_of(core::ByteView code, core::ByteView salt, Cost cost) {
  if (salt.size() != crypto_pwhash_SALTBYTES) throw core::Error(core::failure::record_damaged, "salt of codes");
  core::Bytes hash(hash_size);
  if (crypto_pwhash(hash.data(), hash.size(), core::text_of(code).data(), code.size(), salt.data(), cost.passes,
                    cost.memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw core::Error(core::failure::unavailable, "no memory to derive a hash");
  return hash;
}

Codes make_codes(std::size_t count, core::Random& random, Cost cost) {
  constexpr std::size_t line = written_size + 1;
  Codes codes{core::Secret(count * line), core::Bytes(crypto_pwhash_SALTBYTES), cost, {}};
  random.fill(codes.salt);
  for (std::size_t i = 0; i < count; ++i) {
    const core::Secret code = core::Secret::random(code_size, random);
    const auto out = codes.text.bytes().subspan(i * line, line);
    write_code(code.view(), out);
    out.back() = '\n';
    codes.hashes.push_back(hash_of(code.view(), codes.salt, cost));
  }
  return codes;
}

std::optional<std::size_t> find_hash(const std::vector<core::Bytes>& hashes, core::ByteView hash) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < hashes.size(); ++i)
    if (core::equal_in_constant_time(hashes[i], hash)) found = i;
  return found;
}

}  // namespace factord::otp

// SPDX-License-Identifier: Apache-2.0
// A public key on one of the NIST curves. Immutable once made; may verify on several threads at once.
#pragma once

#include <memory>
#include <optional>

#include "core/bytes.hpp"

struct ec_key_st;

namespace factord::webauthn {

enum class Curve { p256, p384, p521 };

constexpr std::size_t coordinate_size(Curve curve) {
  return curve == Curve::p256 ? 32 : curve == Curve::p384 ? 48 : 66;
}

class EcKey {
 public:
  // Nothing unless the coordinates have the curve's size, are less than its prime, and the point is on the curve. The
  // point at infinity has no coordinates, so it cannot be given.
  static std::optional<EcKey> load(Curve curve, core::ByteView x, core::ByteView y);

  // `signature` is DER (SEC 1, ECDSA-Sig-Value), exactly: no bytes after it, no BER lengths. A high s is valid.
  bool verify(core::ByteView digest, core::ByteView signature) const;

  // The same point on the same curve.
  bool operator==(const EcKey& other) const;

 private:
  using Key = std::shared_ptr<ec_key_st>;
  explicit EcKey(Key key) : key_(std::move(key)) {}

  Key key_;
};

}  // namespace factord::webauthn

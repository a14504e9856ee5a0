// SPDX-License-Identifier: Apache-2.0
// The public half of a credential or of an attestation: checks signatures made with one COSE algorithm. Immutable once
// made, cheap to copy; may verify on several threads at once.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <variant>

#include "core/bytes.hpp"
#include "daemon/webauthn/digest.hpp"
#include "daemon/webauthn/ec_key.hpp"
#include "daemon/webauthn/rsa_key.hpp"
#include "daemon/webauthn/strict_cbor.hpp"

namespace factord::webauthn {

// Numbers of the IANA COSE registry.
namespace algorithm {
inline constexpr int es256 = -7, eddsa = -8, es384 = -35, es512 = -36, ps256 = -37, rs256 = -257;
// RSASSA-PKCS1-v1_5 with SHA-1: what TPMs sign attestations with under Windows. Not supported for anything else.
inline constexpr int rs1 = -65'535;
}  // namespace algorithm

// For credentials, and for attestations of any format. Ed448, ES256K, RS384 and the like are not: nobody makes them
// without offering one of these too.
bool supported(int algorithm);

// What an algorithm hashes the message with before it signs. Nothing for EdDSA, which does not, and for unknown ones.
std::optional<Hash> hash_of(int algorithm);

// Whether a key is judged in full, or was so when it was registered. It matters for Ed25519, where the full check costs
// as much as a signature; keys of small order verify nothing in either case.
enum class KeyCheck { full, done_before };

struct Ed25519Key {
  std::array<std::uint8_t, 32> point{};
  // The full check refuses small-order, mixed-order and non-canonical points.
  static std::optional<Ed25519Key> load(core::ByteView point, KeyCheck check);
  bool operator==(const Ed25519Key&) const = default;
};

class VerifyingKey {
 public:
  using Key = std::variant<EcKey, RsaKey, Ed25519Key>;

  // A COSE_Key (RFC 9053) under the rules of WebAuthn Level 3 section 5.8.5: the algorithm is named and fixes the
  // curve, points are uncompressed. Nothing where the key is not valid, or the algorithm not supported.
  static std::optional<VerifyingKey> from_cose(const CborValue& key, KeyCheck check = KeyCheck::full);
  static std::optional<VerifyingKey> from_cose(core::ByteView key, KeyCheck check = KeyCheck::full);

  VerifyingKey(int algorithm, Key key) : algorithm_(algorithm), key_(std::move(key)) {}

  int algorithm() const { return algorithm_; }
  const Key& key() const { return key_; }  // equal for one key, whatever it is used with
  // The message is the parts one after the other.
  bool verify(std::initializer_list<core::ByteView> message, core::ByteView signature) const;

 private:
  int algorithm_;
  Key key_;
};

// The algorithm that a COSE_Key names, supported or not. Nothing where `key` is no map with an integer there.
std::optional<int> cose_algorithm(const CborValue& key);

// An algorithm's number as `value` gives it. Nothing for nothing, for what is no integer, and beyond 32 bits.
std::optional<int> algorithm_number(const std::optional<CborValue>& value);

// The curve that an ECDSA algorithm is bound to.
std::optional<Curve> curve_of(int algorithm);

}  // namespace factord::webauthn

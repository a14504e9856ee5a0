// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/verifying_key.hpp"

#include <sodium.h>

#include <algorithm>
#include <limits>

namespace factord::webauthn {
namespace {

// RFC 9052 section 7.1 and RFC 9053 section 7; -1 and below mean different things for each type of key.
namespace label {
constexpr int key_type = 1, algorithm = 3;
constexpr int curve = -1, x = -2, y = -3, ec_private = -4;
constexpr int modulus = -1, exponent = -2, rsa_private = -3;
}  // namespace label
namespace key_type {
constexpr int okp = 1, ec2 = 2, rsa = 3;
}
constexpr int ed25519 = 6;

int curve_number(Curve curve) { return curve == Curve::p256 ? 1 : curve == Curve::p384 ? 2 : 3; }

bool rsa_algorithm(int algorithm) { return algorithm == algorithm::rs256 || algorithm == algorithm::ps256; }

RsaScheme rsa_scheme(int algorithm) {
  return algorithm == algorithm::ps256 ? RsaScheme::pss_sha256
         : algorithm == algorithm::rs1 ? RsaScheme::pkcs1_sha1
                                       : RsaScheme::pkcs1_sha256;
}

bool holds(const CborValue& key, int label, int number) {
  const auto value = key.find(label);
  return value && value->integer() == number;
}

template <typename Loaded>
std::optional<VerifyingKey> with(int algorithm, std::optional<Loaded> key) {
  if (!key) return std::nullopt;
  return VerifyingKey(algorithm, std::move(*key));
}

std::optional<VerifyingKey> ec2(const CborValue& key, int algorithm, Curve curve) {
  const auto x = key.find_bytes(label::x);
  const auto y = key.find_bytes(label::y);
  // A private key here would be published with the record
  if (!holds(key, label::key_type, key_type::ec2) || !holds(key, label::curve, curve_number(curve)) || !x || !y ||
      key.find(label::ec_private))
    return std::nullopt;
  return with(algorithm, EcKey::load(curve, *x, *y));
}

std::optional<VerifyingKey> okp(const CborValue& key, KeyCheck check) {
  const auto x = key.find_bytes(label::x);
  if (!holds(key, label::key_type, key_type::okp) || !holds(key, label::curve, ed25519) || !x ||
      key.find(label::ec_private))
    return std::nullopt;
  return with(algorithm::eddsa, Ed25519Key::load(*x, check));
}

std::optional<VerifyingKey> rsa(const CborValue& key, int algorithm) {
  const auto modulus = key.find_bytes(label::modulus);
  const auto exponent = key.find_bytes(label::exponent);
  if (!holds(key, label::key_type, key_type::rsa) || !modulus || !exponent || key.find(label::rsa_private))
    return std::nullopt;
  return with(algorithm, RsaKey::load(*modulus, *exponent));
}

core::Bytes joined(std::initializer_list<core::ByteView> parts) {
  core::Bytes out;
  for (const core::ByteView part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

bool verify_ed25519(const Ed25519Key& key, std::initializer_list<core::ByteView> parts, core::ByteView signature) {
  if (signature.size() != crypto_sign_BYTES) return false;
  const core::Bytes message = joined(parts);  // Ed25519 reads it twice, so it cannot come in parts
  return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.point.data()) == 0;
}

}  // namespace

std::optional<Curve> curve_of(int algorithm) {
  if (algorithm == algorithm::es256) return Curve::p256;
  if (algorithm == algorithm::es384) return Curve::p384;
  if (algorithm == algorithm::es512) return Curve::p521;
  return std::nullopt;
}

bool supported(int algorithm) {
  return curve_of(algorithm) || rsa_algorithm(algorithm) || algorithm == algorithm::eddsa;
}

std::optional<Hash> hash_of(int algorithm) {
  if (algorithm == algorithm::es256 || rsa_algorithm(algorithm)) return Hash::sha256;
  if (algorithm == algorithm::es384) return Hash::sha384;
  if (algorithm == algorithm::es512) return Hash::sha512;
  if (algorithm == algorithm::rs1) return Hash::sha1;
  return std::nullopt;
}

std::optional<int> cose_algorithm(const CborValue& key) { return algorithm_number(key.find(label::algorithm)); }

std::optional<int> algorithm_number(const std::optional<CborValue>& value) {
  const auto number = value ? value->integer() : std::nullopt;
  if (!number || *number < std::numeric_limits<int>::min() || *number > std::numeric_limits<int>::max())
    return std::nullopt;
  return static_cast<int>(*number);
}

std::optional<Ed25519Key> Ed25519Key::load(core::ByteView point, KeyCheck check) {
  Ed25519Key key;
  if (point.size() != key.point.size()) return std::nullopt;
  if (sodium_init() < 0) return std::nullopt;
  // The point must be in the group of prime order: any signature may "verify" under a small-order key
  if (check == KeyCheck::full && crypto_core_ed25519_is_valid_point(point.data()) != 1) return std::nullopt;
  std::copy(point.begin(), point.end(), key.point.begin());
  return key;
}

std::optional<VerifyingKey> VerifyingKey::from_cose(const CborValue& key, KeyCheck check) {
  const auto algorithm = cose_algorithm(key);
  if (!algorithm) return std::nullopt;
  if (const auto curve = curve_of(*algorithm)) return ec2(key, *algorithm, *curve);
  if (*algorithm == algorithm::eddsa) return okp(key, check);
  if (rsa_algorithm(*algorithm)) return rsa(key, *algorithm);
  return std::nullopt;
}

std::optional<VerifyingKey> VerifyingKey::from_cose(core::ByteView key, KeyCheck check) {
  const auto value = read_whole_cbor(key);
  return value ? from_cose(*value, check) : std::nullopt;
}

bool VerifyingKey::verify(std::initializer_list<core::ByteView> message, core::ByteView signature) const {
  if (const auto* key = std::get_if<Ed25519Key>(&key_)) return verify_ed25519(*key, message, signature);
  const Digest digest(*hash_of(algorithm_), message);
  if (const auto* key = std::get_if<EcKey>(&key_)) return key->verify(digest.view(), signature);
  return std::get<RsaKey>(key_).verify(rsa_scheme(algorithm_), digest.view(), signature);
}

}  // namespace factord::webauthn

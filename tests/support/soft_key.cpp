// SPDX-License-Identifier: Apache-2.0
#include "tests/support/soft_key.hpp"

#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <optional>
#include <stdexcept>

#include "tests/support/cbor_writer.hpp"

namespace factord::tests {
namespace {

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("soft authenticator: ") + what);
}

EVP_PKEY* make(int algorithm, unsigned rsa_bits) {
  switch (algorithm) {
    case es256:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
    case es384:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384");
    case es512:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-521");
    case rs256:
    case ps256:
    case rs1:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t(rsa_bits));
    case eddsa:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    default:
      return nullptr;
  }
}

core::Bytes cose_ec(int algorithm, core::ByteView point) {
  const std::size_t size = (point.size() - 1) / 2;
  const int curve = algorithm == es256 ? 1 : algorithm == es384 ? 2 : 3;
  return cbor::map({{cbor::integer(1), cbor::integer(2)},
                    {cbor::integer(3), cbor::integer(algorithm)},
                    {cbor::integer(-1), cbor::integer(curve)},
                    {cbor::integer(-2), cbor::bytes(point.subspan(1, size))},
                    {cbor::integer(-3), cbor::bytes(point.subspan(1 + size))}});
}

core::Bytes cose_rsa(const SoftKey& key) {
  return cbor::map({{cbor::integer(1), cbor::integer(3)},
                    {cbor::integer(3), cbor::integer(key.algorithm())},
                    {cbor::integer(-1), cbor::bytes(key.number(OSSL_PKEY_PARAM_RSA_N))},
                    {cbor::integer(-2), cbor::bytes(key.number(OSSL_PKEY_PARAM_RSA_E))}});
}

core::Bytes cose_ed25519(EVP_PKEY* key) {
  core::Bytes x(32);
  std::size_t size = x.size();
  must(EVP_PKEY_get_raw_public_key(key, x.data(), &size) == 1, "no raw key");
  return cbor::map({{cbor::integer(1), cbor::integer(1)},
                    {cbor::integer(3), cbor::integer(eddsa)},
                    {cbor::integer(-1), cbor::integer(6)},
                    {cbor::integer(-2), cbor::bytes(x)}});
}

template <typename Write>
core::Bytes der_of(EVP_PKEY* key, Write write) {
  core::Bytes out(std::size_t(write(key, nullptr)));
  auto* at = out.data();
  write(key, &at);
  return out;
}

void use_pss(EVP_PKEY_CTX* context, int salt) {
  must(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) == 1,
       "cannot pad");
}

// `salt`: for RSASSA-PSS; nothing for other paddings.
core::Bytes signature(EVP_PKEY* key, const EVP_MD* digest, std::optional<int> salt, core::ByteView message) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* padding = nullptr;  // the context's own
  must(EVP_DigestSignInit(context.get(), &padding, digest, nullptr, key) == 1, "cannot sign");
  if (salt) use_pss(padding, *salt);
  std::size_t size = 0;
  must(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1, "cannot sign");
  core::Bytes out(size);
  must(EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) == 1, "cannot sign");
  out.resize(size);
  return out;
}

}  // namespace

const EVP_MD* digest_of(int algorithm) {
  return algorithm == eddsa   ? nullptr
         : algorithm == es384 ? EVP_sha384()
         : algorithm == es512 ? EVP_sha512()
         : algorithm == rs1   ? EVP_sha1()
                              : EVP_sha256();
}

SoftKey SoftKey::generate(int algorithm, unsigned rsa_bits) {
  Key key(make(algorithm, rsa_bits), EVP_PKEY_free);
  must(key != nullptr, "cannot make such a key");
  return {algorithm, std::move(key)};
}

SoftKey SoftKey::from_private_der(int algorithm, core::ByteView der) {
  const auto* at = der.data();
  Key key(d2i_AutoPrivateKey(nullptr, &at, long(der.size())), EVP_PKEY_free);
  must(key != nullptr, "not a private key");
  return {algorithm, std::move(key)};
}

core::Bytes SoftKey::number(const char* name) const {
  BIGNUM* value = nullptr;
  must(EVP_PKEY_get_bn_param(key(), name, &value) == 1, "no such number");
  core::Bytes out(std::size_t(BN_num_bytes(value)));
  BN_bn2bin(value, out.data());
  BN_free(value);
  return out;
}

core::Bytes SoftKey::uncompressed() const {
  std::size_t size = 0;
  EVP_PKEY_get_octet_string_param(key(), OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0, &size);
  core::Bytes point(size);
  must(EVP_PKEY_get_octet_string_param(key(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), size, &size) == 1, "no point");
  return point;
}

core::Bytes SoftKey::cose() const {
  if (is_rsa()) return cose_rsa(*this);
  if (algorithm_ == eddsa) return cose_ed25519(key());
  return cose_ec(algorithm_, uncompressed());
}

core::Bytes SoftKey::public_der() const { return der_of(key(), i2d_PUBKEY); }

core::Bytes SoftKey::private_der() const { return der_of(key(), i2d_PrivateKey); }

core::Bytes SoftKey::sign(core::ByteView message) const {
  if (algorithm_ == ps256) return sign_pss(message, SHA256_DIGEST_LENGTH);  // RFC 8230 section 2
  return signature(key(), digest_of(algorithm_), std::nullopt, message);
}

core::Bytes SoftKey::sign_pss(core::ByteView message, int salt) const {
  return signature(key(), EVP_sha256(), salt, message);
}

core::Bytes sha256(core::ByteView message) {
  core::Bytes out(SHA256_DIGEST_LENGTH);
  SHA256(message.data(), message.size(), out.data());
  return out;
}

core::Bytes random_bytes(std::size_t size) {
  core::Bytes out(size);
  must(RAND_bytes(out.data(), int(size)) == 1, "no randomness");
  return out;
}

}  // namespace factord::tests

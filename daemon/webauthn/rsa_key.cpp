// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/rsa_key.hpp"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "daemon/webauthn/openssl.hpp"

namespace factord::webauthn {
namespace {

using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Ended<OSSL_PARAM_BLD_free>>;
using ParametersPtr = std::unique_ptr<OSSL_PARAM, Ended<OSSL_PARAM_free>>;

constexpr int min_bits = 2'048;
constexpr int max_bits = 8'192;

NumberPtr number(core::ByteView bytes) {
  return NumberPtr(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

bool odd_in_fewest_bytes(core::ByteView bytes) {
  return !bytes.empty() && bytes.front() != 0 && (bytes.back() & 1) == 1;
}

bool acceptable(core::ByteView modulus, core::ByteView exponent) {
  if (!odd_in_fewest_bytes(modulus) || !odd_in_fewest_bytes(exponent)) return false;
  if (modulus.size() > max_bits / 8 || exponent.size() > 4) return false;
  return BN_num_bits(number(modulus).get()) >= min_bits && (exponent.size() > 1 || exponent.front() >= 3);
}

EVP_PKEY* from_data(core::ByteView modulus, core::ByteView exponent) {
  const NumberPtr n = number(modulus);
  const NumberPtr e = number(exponent);
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  const ParametersPtr parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) == 1)
    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
  return key;  // null where one of them failed
}

bool set(EVP_PKEY_CTX* context, RsaScheme scheme) {
  const bool pss = scheme == RsaScheme::pss_sha256;
  const EVP_MD* hash = scheme == RsaScheme::pkcs1_sha1 ? EVP_sha1() : EVP_sha256();
  return EVP_PKEY_CTX_set_rsa_padding(context, pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1 &&
         EVP_PKEY_CTX_set_signature_md(context, hash) == 1 &&
         (!pss || EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1);
}

}  // namespace

std::optional<RsaKey> RsaKey::load(core::ByteView modulus, core::ByteView exponent) {
  if (!acceptable(modulus, exponent)) return std::nullopt;
  Key key(from_data(modulus, exponent), EVP_PKEY_free);
  if (key == nullptr) return std::nullopt;
  return RsaKey(std::move(key));
}

bool RsaKey::verify(RsaScheme scheme, core::ByteView digest, core::ByteView signature) const {
  const KeyContextPtr context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  return context != nullptr && EVP_PKEY_verify_init(context.get()) == 1 && set(context.get(), scheme) &&
         EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
}

bool RsaKey::operator==(const RsaKey& other) const { return EVP_PKEY_eq(key_.get(), other.key_.get()) == 1; }

}  // namespace factord::webauthn

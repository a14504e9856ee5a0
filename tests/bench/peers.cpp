// SPDX-License-Identifier: Apache-2.0
#define OPENSSL_SUPPRESS_DEPRECATED  // EC_KEY is the fastest that OpenSSL has
#include "tests/bench/peers.hpp"

#include <fido.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/base64url.hpp"
#include "daemon/webauthn/strict_cbor.hpp"

namespace factord::bench {
namespace {

using core::Bytes;
using core::ByteView;

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("cannot prepare ") + what);
}

Bytes response_member(const nlohmann::json& credential, const char* name) {
  return core::from_base64url(credential.at("response").at(name).get<std::string>()).value();
}

}  // namespace

std::function<bool()> fido_verify_self(const std::string& registration, const std::string& rp_id) {
  const auto json = nlohmann::json::parse(registration);
  const Bytes hash = tests::sha256(response_member(json, "clientDataJSON"));
  const Bytes object = response_member(json, "attestationObject");
  const auto map = webauthn::read_whole_cbor(object);
  const ByteView data = map->find_bytes("authData").value();
  const ByteView statement = map->find("attStmt")->encoded;
  fido_init(0);
  const std::shared_ptr<fido_cred_t> made(fido_cred_new(), [](fido_cred_t* gone) { fido_cred_free(&gone); });
  must(fido_cred_set_type(made.get(), COSE_ES256) == FIDO_OK, "type");
  must(fido_cred_set_rp(made.get(), rp_id.c_str(), nullptr) == FIDO_OK, "RP ID");
  must(fido_cred_set_clientdata_hash(made.get(), hash.data(), hash.size()) == FIDO_OK, "hash");
  must(fido_cred_set_fmt(made.get(), "packed") == FIDO_OK, "format");
  must(fido_cred_set_authdata_raw(made.get(), data.data(), data.size()) == FIDO_OK, "authenticator data");
  must(fido_cred_set_attstmt(made.get(), statement.data(), statement.size()) == FIDO_OK, "statement");
  return [made] { return fido_cred_verify_self(made.get()) == FIDO_OK; };
}

std::function<bool()> ecdsa_verify(const tests::SoftKey& key, const Bytes& message) {
  const std::shared_ptr<EC_KEY> ready(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1), EC_KEY_free);
  const Bytes point = key.uncompressed();
  must(EC_KEY_oct2key(ready.get(), point.data(), point.size(), nullptr) == 1, "EC key");
  return [ready, digest = tests::sha256(message), signature = key.sign(message)] {
    return ECDSA_verify(0, digest.data(), int(digest.size()), signature.data(), int(signature.size()), ready.get()) ==
           1;
  };
}

std::function<bool()> rsa_verify(const tests::SoftKey& key, const Bytes& message) {
  const std::shared_ptr<EVP_PKEY_CTX> ready(EVP_PKEY_CTX_new(key.key(), nullptr), EVP_PKEY_CTX_free);
  must(EVP_PKEY_verify_init(ready.get()) == 1 && EVP_PKEY_CTX_set_rsa_padding(ready.get(), RSA_PKCS1_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(ready.get(), EVP_sha256()) == 1,
       "RSA key");
  return [ready, digest = tests::sha256(message), signature = key.sign(message)] {
    return EVP_PKEY_verify(ready.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
  };
}

std::function<bool()> sodium_verify(const tests::SoftKey& key, const Bytes& message) {
  must(sodium_init() >= 0, "libsodium");
  Bytes point(crypto_sign_PUBLICKEYBYTES);
  std::size_t size = point.size();
  must(EVP_PKEY_get_raw_public_key(key.key(), point.data(), &size) == 1, "Ed25519 key");
  return [point, message, signature = key.sign(message)] {
    return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), point.data()) == 0;
  };
}

}  // namespace factord::bench

// SPDX-License-Identifier: Apache-2.0
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/unit/webauthn/crypto_calls.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509_vfy.h>
#include <sodium.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "tests/support/genuine.hpp"

namespace factord::tests {
namespace {

std::string_view armed;
bool hit = false;

bool fails(std::string_view name) {
  if (armed != name) return false;
  hit = true;
  ERR_raise(ERR_LIB_USER, ERR_R_MALLOC_FAILURE);  // as OpenSSL does, so that whoever leaves it there is found out
  return true;
}

}  // namespace

FailingCall::FailingCall(const std::string& name) {
  const auto& all = failing_calls();
  const auto found = std::find(all.begin(), all.end(), name);
  if (found == all.end()) throw std::invalid_argument("no such call: " + name);
  armed = *found;
  hit = false;
}

FailingCall::~FailingCall() { armed = {}; }

bool FailingCall::happened() { return hit; }

const std::vector<std::string>& failing_calls() {
  static const std::vector<std::string> names{
      "EC_KEY_new",
      "EC_KEY_set_group",
      "EVP_DigestFinal_ex",
      "EVP_DigestInit_ex2",
      "EVP_DigestUpdate",
      "EVP_DigestVerifyInit",
      "EVP_MD_CTX_new",
      "EVP_PKEY_CTX_new",
      "EVP_PKEY_CTX_set_rsa_padding",
      "EVP_PKEY_CTX_set_rsa_pss_saltlen",
      "EVP_PKEY_CTX_set_signature_md",
      "EVP_PKEY_fromdata",
      "EVP_PKEY_fromdata_init",
      "EVP_PKEY_get_bn_param",
      "EVP_PKEY_get_group_name",
      "EVP_PKEY_verify_init",
      "X509_STORE_CTX_init",
      "X509_get0_pubkey",
      "sodium_init",
  };
  return names;
}

}  // namespace factord::tests

// A function of that name here, which answers `failure` when it is told to.
#define HANDED_ON(Answer, name, parameters, arguments, failure)       \
  Answer name parameters {                                            \
    static const auto next = factord::tests::genuine(&name, #name);   \
    return factord::tests::fails(#name) ? (failure) : next arguments; \
  }

extern "C" {

HANDED_ON(EC_KEY*, EC_KEY_new, (), (), nullptr)
HANDED_ON(int, EC_KEY_set_group, (EC_KEY * key, const EC_GROUP* group), (key, group), 0)
HANDED_ON(int, EVP_DigestFinal_ex, (EVP_MD_CTX * context, unsigned char* out, unsigned* size), (context, out, size), 0)
HANDED_ON(int, EVP_DigestInit_ex2, (EVP_MD_CTX * context, const EVP_MD* kind, const OSSL_PARAM parameters[]),
          (context, kind, parameters), 0)
HANDED_ON(int, EVP_DigestUpdate, (EVP_MD_CTX * context, const void* data, std::size_t size), (context, data, size), 0)
HANDED_ON(int, EVP_DigestVerifyInit,
          (EVP_MD_CTX * context, EVP_PKEY_CTX** settings, const EVP_MD* kind, ENGINE* engine, EVP_PKEY* key),
          (context, settings, kind, engine, key), 0)
HANDED_ON(EVP_MD_CTX*, EVP_MD_CTX_new, (), (), nullptr)
HANDED_ON(EVP_PKEY_CTX*, EVP_PKEY_CTX_new, (EVP_PKEY * key, ENGINE* engine), (key, engine), nullptr)
HANDED_ON(int, EVP_PKEY_CTX_set_rsa_padding, (EVP_PKEY_CTX * context, int padding), (context, padding), 0)
HANDED_ON(int, EVP_PKEY_CTX_set_rsa_pss_saltlen, (EVP_PKEY_CTX * context, int size), (context, size), 0)
HANDED_ON(int, EVP_PKEY_CTX_set_signature_md, (EVP_PKEY_CTX * context, const EVP_MD* kind), (context, kind), 0)
HANDED_ON(int, EVP_PKEY_fromdata, (EVP_PKEY_CTX * context, EVP_PKEY** key, int selection, OSSL_PARAM parameters[]),
          (context, key, selection, parameters), 0)
HANDED_ON(int, EVP_PKEY_fromdata_init, (EVP_PKEY_CTX * context), (context), 0)
HANDED_ON(int, EVP_PKEY_get_bn_param, (const EVP_PKEY* key, const char* name, BIGNUM** number), (key, name, number), 0)
HANDED_ON(int, EVP_PKEY_get_group_name, (const EVP_PKEY* key, char* name, std::size_t room, std::size_t* size),
          (key, name, room, size), 0)
HANDED_ON(int, EVP_PKEY_verify_init, (EVP_PKEY_CTX * context), (context), 0)
HANDED_ON(int, X509_STORE_CTX_init, (X509_STORE_CTX * context, X509_STORE* store, X509* leaf, STACK_OF(X509) * chain),
          (context, store, leaf, chain), 0)
HANDED_ON(EVP_PKEY*, X509_get0_pubkey, (const X509* certificate), (certificate), nullptr)
HANDED_ON(int, sodium_init, (), (), -1)

}  // extern "C"

// SPDX-License-Identifier: Apache-2.0
// OpenSSL's objects with their ends. OpenSSL starts itself at the first call, never before: a daemon that verifies
// nothing does not pay for it.
#pragma once

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

namespace factord::webauthn {

template <auto end>
struct Ended {
  template <typename T>
  void operator()(T* object) const {
    end(object);
  }
};

using KeyPtr = std::unique_ptr<EVP_PKEY, Ended<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Ended<EVP_PKEY_CTX_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Ended<BN_free>>;
using CertificatePtr = std::unique_ptr<X509, Ended<X509_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, Ended<ASN1_OBJECT_free>>;

// Stands at every way into this folder. What OpenSSL leaves in the thread's error queue is said by the verdict, and the
// next caller would take it for its own.
class ErrorsForgotten {
 public:
  ErrorsForgotten() = default;
  ~ErrorsForgotten() { ERR_clear_error(); }
  ErrorsForgotten(const ErrorsForgotten&) = delete;
  ErrorsForgotten& operator=(const ErrorsForgotten&) = delete;
};

}  // namespace factord::webauthn

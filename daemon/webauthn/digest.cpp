// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/digest.hpp"

#include <memory>
#include <new>

#include "daemon/webauthn/openssl.hpp"

namespace factord::webauthn {
namespace {

using MethodPtr = std::unique_ptr<EVP_MD, Ended<EVP_MD_free>>;
using ContextPtr = std::unique_ptr<EVP_MD_CTX, Ended<EVP_MD_CTX_free>>;

// Fetched once: OpenSSL 3 otherwise looks the method up in its providers at every call.
const EVP_MD* method(Hash hash) {
  static const MethodPtr sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  static const MethodPtr sha384(EVP_MD_fetch(nullptr, "SHA384", nullptr));
  static const MethodPtr sha512(EVP_MD_fetch(nullptr, "SHA512", nullptr));
  static const MethodPtr sha1(EVP_MD_fetch(nullptr, "SHA1", nullptr));
  return hash == Hash::sha256   ? sha256.get()
         : hash == Hash::sha384 ? sha384.get()
         : hash == Hash::sha512 ? sha512.get()
                                : sha1.get();
}

}  // namespace

Digest::Digest(Hash hash, std::initializer_list<core::ByteView> parts) {
  const ContextPtr context(EVP_MD_CTX_new());
  bool good = context != nullptr && EVP_DigestInit_ex2(context.get(), method(hash), nullptr) == 1;
  for (const core::ByteView part : parts) good = good && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  if (!good || EVP_DigestFinal_ex(context.get(), bytes_.data(), &size_) != 1) throw std::bad_alloc();
}

}  // namespace factord::webauthn

// SPDX-License-Identifier: Apache-2.0
#include "daemon/otp/hmac.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#include <memory>

#include "core/failure.hpp"

namespace factord::otp {
namespace {

struct Release {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Mac = std::unique_ptr<EVP_MAC, Release>;
using Context = std::unique_ptr<EVP_MAC_CTX, Release>;

constexpr std::array<std::uint8_t, 1> no_key{};

// OpenSSL wants the name writable, though it only reads it.
std::array<char, 7> digest_name(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::sha1:
      return {"SHA1"};
    case Algorithm::sha256:
      return {"SHA256"};
    case Algorithm::sha512:
      return {"SHA512"};
  }
  throw core::Error(core::failure::internal, "unknown TOTP algorithm");
}

Context make_context(Algorithm algorithm) {
  auto name = digest_name(algorithm);
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                                   OSSL_PARAM_construct_end()};
  const Mac mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  Context context(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr);
  if (!context || EVP_MAC_CTX_set_params(context.get(), parameters) != 1)
    throw core::Error(core::failure::internal, "OpenSSL has no HMAC for TOTP");
  return context;
}

EVP_MAC_CTX* context_of_thread(Algorithm algorithm) {
  thread_local std::array<Context, 3> contexts;
  auto& context = contexts.at(static_cast<std::size_t>(algorithm));
  if (!context) context = make_context(algorithm);
  return context.get();
}

}  // namespace

Hmac::Hmac(Algorithm algorithm, core::ByteView key) : context_(context_of_thread(algorithm)) {
  if (key.empty()) throw core::Error(core::failure::internal, "empty TOTP seed");
  if (EVP_MAC_init(context_, key.data(), key.size(), nullptr) != 1)
    throw core::Error(core::failure::internal, "OpenSSL refused an HMAC key");
}

Hmac::~Hmac() {
  EVP_MAC_init(context_, no_key.data(), no_key.size(), nullptr);
  sodium_memzero(tag_.data(), tag_.size());
}

core::ByteView Hmac::of(std::uint64_t counter) {
  std::array<std::uint8_t, 8> message;
  for (std::size_t i = message.size(); i-- > 0; counter >>= 8) message[i] = static_cast<std::uint8_t>(counter);
  std::size_t size = 0;
  // Without a key, init starts over with the key that the context has.
  if (EVP_MAC_init(context_, nullptr, 0, nullptr) != 1 ||
      EVP_MAC_update(context_, message.data(), message.size()) != 1 ||
      EVP_MAC_final(context_, tag_.data(), &size, tag_.size()) != 1)
    throw core::Error(core::failure::internal, "OpenSSL did not finish an HMAC");
  return {tag_.data(), size};
}

}  // namespace factord::otp

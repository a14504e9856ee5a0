// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/trust_anchors.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <climits>
#include <string>

#include "core/base64url.hpp"
#include "daemon/webauthn/openssl.hpp"

namespace factord::webauthn {
namespace {

using BioPtr = std::unique_ptr<BIO, Ended<BIO_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, Ended<X509_STORE_CTX_free>>;

struct StackEnd {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }  // not what lies on it
};
using StackPtr = std::unique_ptr<STACK_OF(X509), StackEnd>;

struct OpensslEnd {
  void operator()(void* memory) const { OPENSSL_free(memory); }
};

struct PemBlock {
  std::unique_ptr<char, OpensslEnd> name, header;
  std::unique_ptr<unsigned char, OpensslEnd> data;
  long size = 0;
};

std::optional<PemBlock> next_block(BIO* file) {
  char *name = nullptr, *header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (PEM_read_bio(file, &name, &header, &data, &size) != 1) return std::nullopt;
  PemBlock block;
  block.name.reset(name);
  block.header.reset(header);
  block.data.reset(data);
  block.size = size;
  return block;
}

// After the last block OpenSSL finds no further start; anything else is a block that is broken.
bool at_the_end() { return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE; }

std::optional<std::vector<Certificate>> read_pem(core::ByteView file) {
  if (file.size() > INT_MAX) return std::nullopt;
  const BioPtr source(BIO_new_mem_buf(file.data(), static_cast<int>(file.size())));
  std::vector<Certificate> found;
  while (const auto block = next_block(source.get())) {
    if (std::string_view(block->name.get()) != PEM_STRING_X509) continue;
    auto certificate = Certificate::read({block->data.get(), static_cast<std::size_t>(block->size)});
    if (!certificate) return std::nullopt;
    found.push_back(std::move(*certificate));
  }
  return at_the_end() && !found.empty() ? std::optional(std::move(found)) : std::nullopt;
}

StackPtr without_first(const CertificateChain& chain) {
  StackPtr rest(sk_X509_new_null());
  for (std::size_t i = 1; i < chain.size(); ++i) sk_X509_push(rest.get(), chain[i].x509());
  return rest;
}

}  // namespace

std::optional<std::vector<Certificate>> read_certificates(core::ByteView file) {
  const ErrorsForgotten errors;
  auto single = Certificate::read(file);
  if (!single) return read_pem(file);
  std::vector<Certificate> found;
  found.push_back(std::move(*single));
  return found;
}

std::optional<Certificate> read_base64_certificate(std::string_view text) {
  std::string plain(text);
  std::erase_if(plain, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  plain.erase(plain.find_last_not_of('=') + 1);
  std::replace(plain.begin(), plain.end(), '+', '-');
  std::replace(plain.begin(), plain.end(), '/', '_');
  const auto der = core::from_base64url(plain);
  return der ? Certificate::read(*der) : std::nullopt;
}

TrustAnchors::TrustAnchors(const std::vector<Certificate>& certificates) {
  if (certificates.empty()) return;
  store_.reset(X509_STORE_new(), X509_STORE_free);
  for (const Certificate& certificate : certificates) X509_STORE_add_cert(store_.get(), certificate.x509());
}

// Partial: an anchor need not be self-signed. Vendors publish intermediates, and metadata lists single leaves.
bool TrustAnchors::vouch_for(const CertificateChain& chain, core::Time at) const {
  if (empty() || chain.empty()) return false;
  const StoreContextPtr context(X509_STORE_CTX_new());
  const StackPtr rest = without_first(chain);
  if (X509_STORE_CTX_init(context.get(), store_.get(), chain.front().x509(), rest.get()) != 1) return false;
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_PARTIAL_CHAIN);
  X509_STORE_CTX_set_time(context.get(), 0,
                          std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
  return X509_verify_cert(context.get()) == 1;
}

}  // namespace factord::webauthn

// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/jws.hpp"

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "core/base64url.hpp"
#include "daemon/webauthn/openssl.hpp"
#include "daemon/webauthn/strict_json.hpp"

namespace factord::webauthn {
namespace {

using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Ended<EVP_MD_CTX_free>>;
using EcSignaturePtr = std::unique_ptr<ECDSA_SIG, Ended<ECDSA_SIG_free>>;

constexpr std::size_t max_header = 65'536;
constexpr std::size_t max_chain = 8;
constexpr int least_rsa_bits = 2048;
constexpr std::size_t p256_size = 32;

struct Parts {
  std::string_view signing_input, header, payload, signature;
};

struct Header {
  std::string algorithm;
  CertificateChain chain;
};

Parts parts_of(std::string_view jws) {
  const auto first = jws.find('.');
  const auto last = jws.rfind('.');
  if (first == last || jws.find('.', first + 1) != last)  // with none at all both are npos
    throw BlobError("is not a JWS in the compact form");
  return {jws.substr(0, last), jws.substr(0, first), jws.substr(first + 1, last - first - 1), jws.substr(last + 1)};
}

core::Bytes decoded(std::string_view text, const char* what) {
  auto bytes = core::from_base64url(text);
  if (!bytes) throw BlobError(std::string("its ") + what + " is not base64url");
  return std::move(*bytes);
}

CertificateChain read_x5c(const JsonValue& x5c) {
  CertificateChain chain;
  for (const std::string_view item : x5c.items) {
    auto certificate = read_base64_certificate(item);
    if (!certificate || chain.size() == max_chain) throw BlobError("its x5c is not a list of certificates");
    chain.push_back(std::move(*certificate));
  }
  return chain;
}

// What tells the reader to go elsewhere for the key, or to treat the payload in other ways.
constexpr std::string_view header_parameters[] = {"crit", "b64", "x5u", "jku", "jwk", "alg", "x5c"};
constexpr auto refused_parameters = std::span(header_parameters).first<5>();

bool fits(const JsonValue& value, JsonValue::Kind kind) { return value.is(JsonValue::Kind::absent) || value.is(kind); }

// Parameters that are not understood may be ignored unless crit names them (RFC 7515 section 4), and it is not there.
Header read_header(std::string_view encoded) {
  if (encoded.size() > max_header) throw BlobError("its header is too long");
  const core::Bytes text = decoded(encoded, "header");
  const auto header = read_json_object(core::text_of(text), header_parameters);
  if (!header || !fits((*header)["alg"], JsonValue::Kind::string) || !fits((*header)["x5c"], JsonValue::Kind::strings))
    throw BlobError("its header is not a JSON object as RFC 7515 wants it");
  for (const std::string_view name : refused_parameters)
    if (!(*header)[name].is(JsonValue::Kind::absent))
      throw BlobError("its header has " + std::string(name) + ", which is not supported");
  Header out{std::string((*header)["alg"].text), read_x5c((*header)["x5c"])};
  if (out.chain.empty()) throw BlobError("its header brings no certificates (x5c)");
  return out;
}

// r and s side by side (RFC 7518 section 3.4) as the DER that OpenSSL verifies. Empty: of the wrong length.
core::Bytes as_der(core::ByteView signature) {
  if (signature.size() != 2 * p256_size) return {};
  const EcSignaturePtr pair(ECDSA_SIG_new());
  ECDSA_SIG_set0(pair.get(), BN_bin2bn(signature.data(), p256_size, nullptr),
                 BN_bin2bn(signature.data() + p256_size, p256_size, nullptr));
  core::Bytes der(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)));
  unsigned char* at = der.data();
  i2d_ECDSA_SIG(pair.get(), &at);
  return der;
}

bool is_rsa(const EVP_PKEY* key) { return EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= least_rsa_bits; }

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 32> group{};
  return EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
         std::string_view(group.data()) == "prime256v1";
}

// Sets up what is special in the algorithm; the hash is SHA-256 in all three.
struct Algorithm {
  std::string_view name;
  bool (*fits)(const EVP_PKEY* key);
  int rsa_padding;  // 0: not RSA
};

constexpr Algorithm algorithms[] = {
    {"RS256", is_rsa, RSA_PKCS1_PADDING}, {"PS256", is_rsa, RSA_PKCS1_PSS_PADDING}, {"ES256", is_p256, 0}};

const Algorithm& algorithm_named(const std::string& name) {
  const auto found = std::find_if(std::begin(algorithms), std::end(algorithms),
                                  [&](const Algorithm& one) { return one.name == name; });
  if (found == std::end(algorithms)) throw BlobError("its algorithm is none of RS256, PS256, ES256");
  return *found;
}

bool set_padding(EVP_PKEY_CTX* key, int padding) {
  if (padding == 0) return true;
  return EVP_PKEY_CTX_set_rsa_padding(key, padding) == 1 &&
         (padding != RSA_PKCS1_PSS_PADDING || EVP_PKEY_CTX_set_rsa_pss_saltlen(key, RSA_PSS_SALTLEN_DIGEST) == 1);
}

bool verifies(const Algorithm& algorithm, EVP_PKEY* key, core::ByteView message, const core::Bytes& given) {
  const core::Bytes signature = algorithm.rsa_padding == 0 ? as_der(given) : given;
  const DigestContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;
  return context != nullptr && EVP_DigestVerifyInit(context.get(), &settings, EVP_sha256(), nullptr, key) == 1 &&
         set_padding(settings, algorithm.rsa_padding) &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

void require_trusted(const CertificateChain& chain, const JwsSigner& signer, core::Time at) {
  if (!signer.roots.vouch_for(chain, at)) throw BlobError("its signer's certificates do not lead to a root");
  if (X509_check_host(chain.front().x509(), signer.name.data(), signer.name.size(), 0, nullptr) != 1)
    throw BlobError("its signer's certificate is not for " + signer.name);
}

}  // namespace

core::Bytes verified_payload(std::string_view jws, const JwsSigner& signer, core::Time at) {
  const ErrorsForgotten errors;
  const Parts parts = parts_of(jws);
  const Header header = read_header(parts.header);
  const Algorithm& algorithm = algorithm_named(header.algorithm);
  require_trusted(header.chain, signer, at);
  EVP_PKEY* key = X509_get0_pubkey(header.chain.front().x509());
  if (key == nullptr || !algorithm.fits(key)) throw BlobError("its algorithm does not fit its signer's key");
  if (!verifies(algorithm, key, core::bytes_of(parts.signing_input), decoded(parts.signature, "signature")))
    throw BlobError("its signature does not verify");
  return decoded(parts.payload, "payload");
}

}  // namespace factord::webauthn

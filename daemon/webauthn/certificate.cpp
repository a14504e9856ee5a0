// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/certificate.hpp"

#include <openssl/x509v3.h>

#include <algorithm>
#include <string>

namespace factord::webauthn {
namespace {

using ConstraintsPtr = std::unique_ptr<BASIC_CONSTRAINTS, Ended<BASIC_CONSTRAINTS_free>>;
using PurposesPtr = std::unique_ptr<EXTENDED_KEY_USAGE, Ended<EXTENDED_KEY_USAGE_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Ended<GENERAL_NAMES_free>>;

constexpr std::size_t max_chain = 8;
constexpr std::size_t aaguid_size = 16;
constexpr const char* aaguid_extension = "1.3.6.1.4.1.45724.1.1.4";  // id-fido-gen-ce-aaguid

core::ByteView content(const ASN1_STRING* string) {
  return {ASN1_STRING_get0_data(string), static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string utf8(const ASN1_STRING* string) {
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, string);
  if (size < 0) return {};
  std::string out(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return out;
}

std::string entry(const X509_NAME* name, int index) {
  return index < 0 ? std::string() : utf8(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
}

ObjectPtr object(const char* oid) { return ObjectPtr(OBJ_txt2obj(oid, 1)); }

// The extension's content, decoded. Null where that is something else, or has bytes after it.
template <typename Ptr, auto decode>
Ptr decoded(const std::optional<core::ByteView>& extension) {
  if (!extension) return nullptr;
  const unsigned char* at = extension->data();
  Ptr value(decode(nullptr, &at, static_cast<long>(extension->size())));
  return at == extension->data() + extension->size() ? std::move(value) : nullptr;
}

ConstraintsPtr basic_constraints(const Certificate& certificate) {
  return decoded<ConstraintsPtr, d2i_BASIC_CONSTRAINTS>(certificate.extension("2.5.29.19"));
}

// The key's bits, without letting OpenSSL decode them, which would cost more than the signature.
core::ByteView key_bits(const X509* certificate, const X509_ALGOR** kind) {
  const unsigned char* bits = nullptr;
  int size = 0;
  X509_ALGOR* found = nullptr;
  X509_PUBKEY_get0_param(nullptr, &bits, &size, &found, X509_get_X509_PUBKEY(certificate));
  *kind = found;
  return {bits, static_cast<std::size_t>(size)};
}

int curve_nid(Curve curve) {
  return curve == Curve::p256 ? NID_X9_62_prime256v1 : curve == Curve::p384 ? NID_secp384r1 : NID_secp521r1;
}

std::optional<EcKey> ec_key(const X509_ALGOR* kind, core::ByteView bits, Curve curve) {
  const ASN1_OBJECT* name = nullptr;
  const void* value = nullptr;
  int type = 0;
  X509_ALGOR_get0(&name, &type, &value, kind);
  const std::size_t size = coordinate_size(curve);
  if (OBJ_obj2nid(name) != NID_X9_62_id_ecPublicKey || type != V_ASN1_OBJECT ||
      OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(value)) != curve_nid(curve))
    return std::nullopt;
  if (bits.size() != 1 + 2 * size || bits.front() != 4) return std::nullopt;
  return EcKey::load(curve, bits.subspan(1, size), bits.subspan(1 + size));
}

core::Bytes parameter(const EVP_PKEY* key, const char* name) {
  BIGNUM* found = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &found) != 1) return {};
  const NumberPtr number(found);
  core::Bytes out(static_cast<std::size_t>(BN_num_bytes(found)));
  BN_bn2bin(found, out.data());
  return out;
}

}  // namespace

std::optional<Certificate> Certificate::read(core::ByteView der) {
  const unsigned char* at = der.data();
  CertificatePtr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate == nullptr || at != der.data() + der.size()) return std::nullopt;
  return Certificate(std::move(certificate));
}

std::optional<VerifyingKey> Certificate::key_for(int algorithm) const {
  const X509_ALGOR* kind = nullptr;
  const core::ByteView bits = key_bits(certificate_.get(), &kind);
  if (const auto curve = curve_of(algorithm)) {
    auto key = ec_key(kind, bits, *curve);
    return key ? std::optional(VerifyingKey(algorithm, std::move(*key))) : std::nullopt;
  }
  const EVP_PKEY* key = X509_get0_pubkey(certificate_.get());
  if (key == nullptr) return std::nullopt;
  if (algorithm == algorithm::eddsa && EVP_PKEY_is_a(key, "ED25519") == 1) {
    const auto point = Ed25519Key::load(bits, KeyCheck::full);
    return point ? std::optional(VerifyingKey(algorithm, *point)) : std::nullopt;
  }
  if (algorithm != algorithm::rs256 && algorithm != algorithm::ps256) return std::nullopt;
  auto rsa = rsa_key();
  return rsa ? std::optional(VerifyingKey(algorithm, std::move(*rsa))) : std::nullopt;
}

// A key that says RSASSA-PSS of itself may limit hash and salt, and nobody makes such: not taken.
std::optional<RsaKey> Certificate::rsa_key() const {
  const EVP_PKEY* key = X509_get0_pubkey(certificate_.get());
  if (key == nullptr || EVP_PKEY_is_a(key, "RSA") != 1) return std::nullopt;
  return RsaKey::load(parameter(key, "n"), parameter(key, "e"));
}

bool Certificate::signed_by(const Certificate& issuer) const {
  const bool named =
      X509_NAME_cmp(X509_get_issuer_name(certificate_.get()), X509_get_subject_name(issuer.certificate_.get())) == 0;
  return named && X509_verify(certificate_.get(), X509_get0_pubkey(issuer.certificate_.get())) == 1;
}

bool Certificate::has_version_3() const { return X509_get_version(certificate_.get()) == X509_VERSION_3; }

bool Certificate::has_subject() const { return X509_NAME_entry_count(X509_get_subject_name(certificate_.get())) > 0; }

std::string Certificate::subject_entry(int kind) const {
  const X509_NAME* subject = X509_get_subject_name(certificate_.get());
  return entry(subject, X509_NAME_get_index_by_NID(subject, kind, -1));
}

std::string Certificate::device_entry(const char* kind) const {
  const auto names = decoded<NamesPtr, d2i_GENERAL_NAMES>(extension("2.5.29.17"));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DIRNAME) continue;
    return entry(name->d.directoryName, X509_NAME_get_index_by_OBJ(name->d.directoryName, object(kind).get(), -1));
  }
  return {};
}

std::optional<core::ByteView> Certificate::extension(const char* oid) const {
  const auto name = object(oid);
  const int index = has_version_3() ? X509_get_ext_by_OBJ(certificate_.get(), name.get(), -1) : -1;
  if (index < 0 || X509_get_ext_by_OBJ(certificate_.get(), name.get(), index) >= 0) return std::nullopt;
  return content(X509_EXTENSION_get_data(X509_get_ext(certificate_.get(), index)));
}

bool Certificate::serves(const char* purpose) const {
  const auto purposes = decoded<PurposesPtr, d2i_EXTENDED_KEY_USAGE>(extension("2.5.29.37"));
  const auto wanted = object(purpose);
  for (int i = 0; i < sk_ASN1_OBJECT_num(purposes.get()); ++i)
    if (OBJ_cmp(sk_ASN1_OBJECT_value(purposes.get(), i), wanted.get()) == 0) return true;
  return false;
}

bool Certificate::is_end_entity() const {
  const auto constraints = basic_constraints(*this);
  return constraints != nullptr && constraints->ca == 0;
}

// An OCTET STRING of 16 bytes within the extension's own.
const char* Certificate::aaguid_defect(core::ByteView aaguid) const {
  const auto name = object(aaguid_extension);
  const int index = X509_get_ext_by_OBJ(certificate_.get(), name.get(), -1);
  if (index < 0) return nullptr;
  const auto value = extension(aaguid_extension);
  if (!value) return "AAGUID extension is there twice";
  if (X509_EXTENSION_get_critical(X509_get_ext(certificate_.get(), index)) != 0) return "AAGUID extension is critical";
  const bool right = value->size() == 2 + aaguid_size && (*value)[0] == V_ASN1_OCTET_STRING &&
                     (*value)[1] == aaguid_size && std::equal(aaguid.begin(), aaguid.end(), value->begin() + 2);
  return right ? nullptr : "AAGUID extension is not that of the authenticator data";
}

std::optional<CertificateChain> read_chain(const std::optional<CborValue>& x5c) {
  if (!x5c || !x5c->is(CborValue::Kind::array) || x5c->empty() || x5c->number > max_chain) return std::nullopt;
  CertificateChain chain;
  for (const CborValue& item : x5c->items()) {
    auto certificate = item.is(CborValue::Kind::bytes) ? Certificate::read(item.content) : std::nullopt;
    if (!certificate) return std::nullopt;
    chain.push_back(std::move(*certificate));
  }
  return chain;
}

}  // namespace factord::webauthn
